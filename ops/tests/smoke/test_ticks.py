"""What a run writes into its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ops.errors import WrongUsage
from ops.smoke.page import Page, replace
from ops.smoke.walk import Result
from ops.tests.smoke.pages import get, page, step

RUN = "2026-11-23, compose, commit abc1234: 2 of 3 held"
STEPS = (
    step(get("/healthz")),
    step(get("/healthz"), "201"),
    step(get("/healthz"), title="`POST /x`: words, also [ ]"),
)


def marked(text: str, results: list[Result]) -> str:
    return Page.read(text).ticked(text, [result.step for result in results if result.status == "held"], RUN)


def boxes(text: str) -> list[str]:
    return [line[:5] for line in text.partition("## Smoke")[2].splitlines() if line.startswith("- [")]


def test_only_what_ran_and_held_is_ticked(walk: Callable[..., list[Result]]) -> None:
    for before in (page(*STEPS), page(*STEPS).replace("- [ ]", "- [x]")):
        after = marked(before, walk(before))
        assert boxes(after) == ["- [x]", "- [ ]", "- [x]"]
        assert "\nLast run: 2026-11-23, compose, commit abc1234: 2 of 3 held\n" in after


def test_nothing_else_changes_and_a_second_run_changes_nothing(walk: Callable[..., list[Result]]) -> None:
    text = page(*STEPS)
    once = marked(text, walk(text))
    assert len([1 for old, new in zip(text.splitlines(), once.splitlines(), strict=True) if old != new]) == 3
    assert "- [ ] no step" in once
    assert "words, also [ ]\n" in once
    assert marked(once, walk(once)) == once


def test_a_page_that_somebody_changed_meanwhile_is_left_to_them(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("theirs")
    with pytest.raises(WrongUsage, match="has changed meanwhile"):
        replace(file, "ours", "ours, ticked")
    assert file.read_text() == "theirs"


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="cannot be written"):
        replace(tmp_path / "gone.md", "", "")
