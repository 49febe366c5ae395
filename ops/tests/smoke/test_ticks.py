"""The copy of a page that shows a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ops.errors import WrongUsage
from ops.smoke.page import Page, copy_of, write
from ops.smoke.walk import Result
from ops.tests.smoke.pages import get, page, step

RUN = "2026-11-23, compose, commit abc1234: 2 of 3 held"
STEPS = (
    "### First\n\n" + step(get("/healthz")),
    step(get("/healthz"), "201"),
    "### Second\n\n" + step(get("/healthz"), title="`POST /x`: words, also [ ]"),
)


def test_only_what_ran_and_held_is_ticked_whoever_ticked_the_page(walk: Callable[..., list[Result]]) -> None:
    for text in (page(*STEPS), page(*STEPS).replace("- [ ]", "- [x]")):
        held = [result.step for result in walk(text) if result.status == "held"]
        assert Page.read(text).ticked("page.md", held, RUN).splitlines() == [
            "# Smoke checklist: the last run",
            "",
            f"{RUN}. What each step asks and answers: [page.md](page.md).",
            "",
            "## First",
            "",
            "- [x] 200 GET /healthz: it is there",
            "- [ ] 201 GET /healthz: it is there",
            "",
            "## Second",
            "",
            "- [x] 200 POST /x: words, also [ ]",
        ]


def test_the_copy_lies_beside_the_page(tmp_path: Path) -> None:
    copy = copy_of(tmp_path / "page.md")
    write(copy, "ticked")
    assert [file.name for file in tmp_path.iterdir()] == ["page-last-run.md"]


def test_a_copy_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="cannot be written"):
        write(tmp_path / "gone" / "page.md", "")
