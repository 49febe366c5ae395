"""Runs of the same commit on other stacks stand beside a run, in its journal and in its reports."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ops.journal.events import Sibling
from ops.journal.record import Record
from ops.journal.runs import Run
from ops.run import other_stacks, versions
from ops.tests.journals import MadeUpRun, reported
from ops.tests.report.pages import page

pytestmark = pytest.mark.whole


PLACED = "features/orders/place_order.feature:12"
UNKNOWN = "features/orders/place_order.feature:30"


def begun(
    ops_dir: Path,
    number: int,
    stack: str,
    commit: str = "fd1bcdb",
    left_out: str | None = "the scenarios tagged @slow",
    **more: object,
) -> MadeUpRun:
    directory = ops_dir / "runs" / f"20261122-23050{number}-k3f"
    directory.mkdir(parents=True)
    run = MadeUpRun(directory)
    run.begin(stack, commit, leftOut=left_out or "", **more)
    return run


def held(ops_dir: Path, number: int, stack: str, commit: str = "fd1bcdb") -> MadeUpRun:
    run = begun(ops_dir, number, stack, commit)
    run.passing()
    run.end()
    return run


def siblings_of(run: MadeUpRun) -> Sequence[Sibling]:
    other_stacks.record_siblings(Run.open(run.directory))
    return Record.read(run.journal.path).siblings


def test_the_newest_run_on_each_other_stack_is_told(tmp_path: Path) -> None:
    held(tmp_path, 1, "compose")
    newest = begun(tmp_path, 2, "compose")
    newest.passing()
    newest.failing()
    newest.end(1)
    held(tmp_path, 3, "local")

    [sibling] = siblings_of(begun(tmp_path, 4, "local"))

    assert (sibling.run, sibling.stack) == ("20261122-230502-k3f", "compose")
    assert sibling.results == {PLACED: "passed", UNKNOWN: "failed"}


def test_another_commit_and_an_unknown_tree_are_no_siblings(tmp_path: Path) -> None:
    held(tmp_path, 1, "compose", "0000000")
    held(tmp_path, 2, "compose", "fd1bcdb-dirty")

    assert siblings_of(begun(tmp_path, 3, "local")) == []
    assert siblings_of(begun(tmp_path, 4, "local", "fd1bcdb-dirty")) == []
    held(tmp_path, 5, "compose", versions.UNKNOWN)
    assert siblings_of(begun(tmp_path, 6, "local", versions.UNKNOWN)) == []


def test_a_run_that_did_not_end_is_no_sibling(tmp_path: Path) -> None:
    begun(tmp_path, 1, "compose").passing()
    interrupted = begun(tmp_path, 2, "compose")
    interrupted.passing()
    interrupted.end(130, interrupted=True)

    assert siblings_of(begun(tmp_path, 3, "local")) == []


def test_a_run_of_some_tags_or_of_the_checklist_is_no_sibling(tmp_path: Path) -> None:
    held(tmp_path, 1, "compose")
    part = begun(tmp_path, 2, "compose", left_out=None, tags=["@P7-01"])
    part.passing()
    part.end()

    assert [sibling.run for sibling in siblings_of(begun(tmp_path, 3, "local"))] == ["20261122-230501-k3f"]


def test_what_was_skipped_or_not_run_on_the_other_stack_is_counted_there(tmp_path: Path) -> None:
    compose = begun(tmp_path, 1, "compose")
    compose.passing(1, "one", "P7-01.1", "P7-02.2")
    compose.skipped()
    compose.end()
    run = begun(tmp_path, 2, "local")
    run.passing(1, "one", "P7-01.1", "P7-02.2")
    run.passing(2, "two", "P7-01.1")
    run.passing(70, "A paused service is waited for", "P7-02.2")
    other_stacks.record_siblings(Run.open(run.directory))
    run.end()

    reported(run.directory)

    text = " ".join(page(run).text.split())
    assert "local passed compose passed, 1 of 2 not run" in text
    assert "local passed compose passed, 1 of 2 skipped" in text


def test_a_run_of_a_part_says_what_the_whole_one_on_the_other_stack_proved(tmp_path: Path) -> None:
    compose = begun(tmp_path, 1, "compose")
    compose.passing(1, "one", "P7-01.1")
    compose.passing(2, "two", "P7-02.1")
    compose.end()
    run = begun(tmp_path, 2, "local", left_out=None, tags=["@P7-01"])
    run.passing(1, "one", "P7-01.1")
    other_stacks.record_siblings(Run.open(run.directory))
    run.end()

    reported(run.directory)

    rows = [line for line in (run.directory / "acceptance.md").read_text().splitlines() if line.startswith("| 1 |")]
    assert rows[0].endswith("| passed | passed |")
    assert rows[1].endswith("| – | **not run** | passed |")


def test_acceptance_has_a_column_for_each_stack(tmp_path: Path) -> None:
    compose = begun(tmp_path, 1, "compose")
    compose.failing()
    compose.end(1)
    run = begun(tmp_path, 2, "local")
    run.passing()
    run.passing(30, "An unknown product is refused", "P7-01.2")
    other_stacks.record_siblings(Run.open(run.directory))
    run.end()

    reported(run.directory)

    lines = (run.directory / "acceptance.md").read_text().splitlines()
    assert "| | criterion | scenario | result on local | result on compose |" in lines
    assert any(line.startswith("| 2 | An unknown") and line.endswith("| passed | **failed** |") for line in lines)
    assert any(line.startswith("| 3 | Success") and line.endswith("| passed | **not run** |") for line in lines)
    assert "On compose: run 20261122-230501-k3f of the same commit" in page(run).text
