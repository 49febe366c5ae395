"""What changed between two runs is told; what is noise is not."""

from __future__ import annotations

import pytest

from ops.journal.record import Record
from ops.report.comparison import Change, Comparison
from ops.report.comparison_text import text
from ops.tests.journals import MadeUpRun
from ops.tests.runs.conftest import Maker


@pytest.fixture
def before(make: Maker) -> MadeUpRun:
    return make("20261121-080000-abc")


@pytest.fixture
def after(make: Maker) -> MadeUpRun:
    return make("20261122-080000-abc")


def compared(before: MadeUpRun, after: MadeUpRun) -> Comparison:
    return Comparison(Record.read(before.journal.path), Record.read(after.journal.path))


def took(run: MadeUpRun, ms: float, line: int = 5, name: str = "One", status: str = "passed") -> None:
    scenario = run.start(line, name)
    run.write("scenario-finished", id=scenario, status=status, ms=ms)


def recovered(run: MadeUpRun, ms: float, state: str = "confirmed") -> None:
    scenario = run.start(9, "A fault")
    about = {"scenario": scenario, "kind": "killed", "target": "orders", "detail": ""}
    run.write("fault", state=state, ms=10, recoveryMs=ms, **about)
    run.finish(scenario)


def names(changes: list[Change]) -> list[str]:
    return [change.any.start.name for change in changes]


def test_what_broke_and_what_was_mended(before: MadeUpRun, after: MadeUpRun) -> None:
    for run, first, second in ((before, "passed", "failed"), (after, "failed", "passed")):
        run.finish(run.start(1, "First"), first)
        run.finish(run.start(2, "Second"), second)
        run.finish(run.start(3, "Third"), "failed")
    found = compared(before, after)
    assert (names(found.broke), names(found.mended), names(found.still_broken)) == (["First"], ["Second"], ["Third"])


def test_a_fault_that_no_longer_takes_effect_broke_its_scenario(before: MadeUpRun, after: MadeUpRun) -> None:
    before.faulty()
    after.faulty(state="mismatch")
    assert [change.now for change in compared(before, after).broke] == ["not-proven"]


def test_new_and_removed_scenarios(before: MadeUpRun, after: MadeUpRun) -> None:
    before.passing(1, "Old")
    after.passing(1, "New")
    after.finish(after.start(2, "New and broken"), "failed")
    found = compared(before, after)
    assert (names(found.new), names(found.gone), names(found.broke)) == (["New"], ["Old"], ["New and broken"])


def test_a_scenario_is_known_by_its_title_wherever_it_stands(before: MadeUpRun, after: MadeUpRun) -> None:
    before.passing(12, "Rows: a -- @1.1 ")
    before.passing(13, "Rows: a -- @1.2 ")
    after.passing(40, "Rows: a -- @2.1 ")
    after.passing(41, "Rows: a -- @2.2 ")
    found = compared(before, after)
    assert (found.new, found.gone, len(found.changes)) == ([], [], 2)


def test_flaky_skipped_and_interrupted_are_told_apart(before: MadeUpRun, after: MadeUpRun) -> None:
    before.finish(before.start(50, "Twenty at once make one order"))
    after.flaky()
    before.finish(before.start(2, "Needs"))
    after.finish(after.start(2, "Needs"), "skipped")
    before.finish(before.start(3, "Cut"))
    after.start(3, "Cut")
    ends = [(change.was, change.now) for change in compared(before, after).otherwise]
    assert ends == [("passed", "skipped"), ("passed", "interrupted"), ("passed", "flaky")]
    assert [one["now"] for one in compared(before, after).document()["otherwise"]] == [now for _, now in ends]


@pytest.mark.parametrize(
    ("was", "now", "is_news"),
    [(1000, 2000, True), (1000, 1400, False), (10, 100, False), (400, 650, True), (0, 260, True), (2000, 1000, False)],
)
def test_slower_is_news_beyond_the_noise(
    before: MadeUpRun, after: MadeUpRun, was: float, now: float, is_news: bool
) -> None:
    took(before, was)
    took(after, now)
    assert bool(compared(before, after).slower) == is_news


def test_how_long_a_failure_takes_is_no_news(before: MadeUpRun, after: MadeUpRun) -> None:
    took(before, 10)
    took(after, 9000, status="failed")
    assert compared(before, after).slower == []


def test_a_machine_that_is_slower_as_a_whole_is_told_as_such(before: MadeUpRun, after: MadeUpRun) -> None:
    for line in range(6):
        took(before, 400, line, f"Number {line}")
        took(after, 4000 if line == 3 else 800, line, f"Number {line}")
    found = compared(before, after)
    assert (found.pace, names(found.slower)) == (2.0, ["Number 3"])
    assert "all scenarios take 2.0 times as long (median)" in text(found)


def test_times_of_different_stacks_are_not_compared(before: MadeUpRun, after: MadeUpRun) -> None:
    after.write("run-started", run="x", stack="compose")
    took(before, 10)
    took(after, 9000)
    recovered(before, 10)
    recovered(after, 9000)
    found = compared(before, after)
    assert (found.slower, found.recoveries) == ([], [])
    assert "times are not compared" in text(found)


@pytest.mark.parametrize(("ms", "is_news"), [(900, True), (90, False)])
def test_slower_recoveries(before: MadeUpRun, after: MadeUpRun, ms: float, is_news: bool) -> None:
    recovered(before, 20)
    recovered(after, ms)
    recovered(after, 5, "mismatch")
    found = compared(before, after)
    assert [each.after_ms for each in found.recoveries] == [ms]
    assert bool(found.slower_recoveries) == is_news
    assert ("killed on orders: 20 ms, now 900 ms" in text(found)) == is_news


def test_the_text_says_why_it_broke_how_to_trace_it_and_counts_in_its_last_line(
    before: MadeUpRun, after: MadeUpRun
) -> None:
    before.passing(30, "An unknown product is refused")
    before.end()
    after.failing()
    lines = text(compared(before, after)).splitlines()
    assert lines[0].endswith("local  fd1bcdb  1 passed, 0 failed, 0 skipped in 21.4 s")
    assert lines[1].endswith("0 passed, 1 failed, 0 skipped, unfinished")
    at = lines.index("broke: 1")
    assert lines[at + 2 : at + 4] == [
        "    passed, now failed",
        "    AssertionError: expected refusal product-not-found but got internal-error",
    ]
    assert lines[at + 4].startswith("    python3 -m ops trace orders.place_order.L30.1-")
    assert lines[-1] == "1 broke, 0 mended, 0 slower, 0 new, 0 not in this run, 0 as before"


def test_on_a_terminal_only_what_is_to_be_copied_is_longer_than_a_line(before: MadeUpRun, after: MadeUpRun) -> None:
    before.passing(30, "An unknown product is refused")
    before.passing(31, "Another that is gone and has a name that nobody reads to its end at one go")
    before.end()
    after.failing()
    took(before, 10)
    took(after, 9000)
    found = compared(before, after)
    assert all("ops trace" in line for line in text(found, 60).splitlines() if len(line) > 60)
    assert " ".join(text(found, 60).split()) == " ".join(text(found).split())
