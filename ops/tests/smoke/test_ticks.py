"""What a run writes into its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ops.smoke.page import Page
from ops.smoke.ticks import LastRun, ticked
from ops.smoke.walk import Result
from ops.tests.smoke.pages import get, page, step

RUN = LastRun(date(2026, 11, 23), "compose", "abc1234")
STEPS = (
    step(get("/healthz")),
    step(get("/healthz"), "201"),
    step(get("/healthz"), title="`POST /x`: words, also [ ] (needs `grant`)"),
)


def write(text: str, results: list[Result]) -> str:
    return ticked(text, Page.read(text), results, RUN)


def boxes(text: str) -> list[str]:
    return [line[:5] for line in text.partition("## Smoke")[2].splitlines() if line.startswith("- [")]


def test_only_what_ran_and_held_is_ticked(walk: Callable[..., list[Result]]) -> None:
    for before in (page(*STEPS), page(*STEPS).replace("- [ ]", "- [x]")):
        after = write(before, walk(before))
        assert boxes(after) == ["- [x]", "- [ ]", "- [ ]"]
        assert "\nLast run: 2026-11-23, compose, commit abc1234: 1 of 3 held, 1 skipped\n" in after


def test_nothing_else_changes_and_a_second_run_changes_nothing(walk: Callable[..., list[Result]]) -> None:
    text = page(*STEPS)
    once = write(text, walk(text))
    assert len([1 for old, new in zip(text.splitlines(), once.splitlines(), strict=True) if old != new]) == 2
    assert "- [ ] no step" in once
    assert "words, also [ ] (needs" in once
    assert write(once, walk(once)) == once
