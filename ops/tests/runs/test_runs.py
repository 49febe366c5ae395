import re
from datetime import UTC, datetime
from pathlib import Path

from ops.journal.runs import Run, runs
from ops.tests.journals import event

NOON = datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)


def test_a_run_is_named_by_its_time_and_has_its_own_journal(tmp_path: Path) -> None:
    run = Run.begin(tmp_path / ".ops", clock=lambda: NOON)

    assert re.fullmatch(r"20261122-120001-[0-9a-z]{3}", run.id)
    assert run.directory == tmp_path / ".ops" / "runs" / run.id
    assert run.journal.path == run.directory / "journal.jsonl"


def test_runs_that_begin_in_the_same_second_never_meet(tmp_path: Path) -> None:
    drawn = iter("aaaaaaaab")

    first, second = (Run.begin(tmp_path, clock=lambda: NOON, draw=lambda _: next(drawn)) for _ in range(2))

    assert (first.id, second.id) == ("20261122-120001-aaa", "20261122-120001-aab")


def test_runs_with_a_journal_come_newest_first(tmp_path: Path) -> None:
    older, newer = Run.begin(tmp_path, clock=lambda: NOON), Run.begin(tmp_path, clock=lambda: NOON.replace(year=2027))
    Run.begin(tmp_path, clock=lambda: NOON.replace(year=2028))
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "notes" / "journal.jsonl").touch()
    newer.journal.write(event("run-started"))
    older.journal.write(event("run-started"))

    assert [run.id for run in runs(tmp_path)] == [newer.id, older.id]
