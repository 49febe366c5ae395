"""Several behave processes on one run: ended together, and no scenario lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.journal.events import Event
from ops.journal.record import Record
from ops.run.completeness import failure, unaccounted
from ops.run.scenarios import BEHAVE, HOW
from ops.run.selection import Planned
from ops.run.workers import Worker, all_ended, running
from ops.stacks.layout import ROOT
from ops.tests.journals import MadeUpRun, event, record

CAREFUL = """
import os, sys, time
from pathlib import Path
folder, deadline = Path(sys.argv[1]), time.monotonic() + 20
try:
    print("up", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    (folder / str(os.getpid())).touch()
    while len([*folder.iterdir()]) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    sys.exit(len([*folder.iterdir()]) - 3)
"""
PLANNED = [Planned(ROOT / "features/a.feature", line) for line in range(1, 8)]


def test_an_interruption_ends_all_workers_at_the_same_time(tmp_path: Path) -> None:
    """Each ends well once it has seen that the others end, too."""
    logs, ending = [tmp_path / f"{number}.log" for number in range(3)], tmp_path / "ending"
    ending.mkdir()
    program = [sys.executable, "-c", CAREFUL, str(ending)]
    with pytest.raises(KeyboardInterrupt), running(program, os.environ, logs) as workers:
        while not all("up" in log.read_text() for log in logs):
            assert not all_ended(workers, 0.05)
        raise KeyboardInterrupt
    assert [each.process.returncode for each in workers] == [0, 0, 0]


def test_workers_are_named_where_there_are_several(tmp_path: Path) -> None:
    with running([sys.executable, "-c", ""], os.environ, [tmp_path / "one"]) as one:
        assert one[0].name == "behave"
        assert one[0].code == 0
    with running([sys.executable, "-c", "exit(1)"], os.environ, [tmp_path / "a", tmp_path / "b"]) as two:
        while not all_ended(two, 0.1):
            pass
    assert [(each.name, each.code, each.is_dead) for each in two] == [("worker 1", 1, False), ("worker 2", 1, False)]


def ended(tmp_path: Path, *codes: int) -> list[Worker]:
    workers = []
    for number, code in enumerate(codes, start=1):
        log = tmp_path / f"{number}.log"
        log.write_text(f"the words of worker {number}\n")
        program = f"import os; os.kill(os.getpid(), {-code})" if code < 0 else f"exit({code})"
        process = subprocess.Popen([sys.executable, "-c", program])
        process.wait()
        workers.append(Worker(f"worker {number}", process, log))
    return workers


def finished(*lines: int, status: str = "passed") -> list[Event]:
    ids = [f"features/a.feature:{line}" for line in lines]
    return [
        one
        for scenario in ids
        for one in (event("scenario-started", id=scenario), event("scenario-finished", id=scenario, status=status))
    ]


def test_a_run_is_accounted_for_when_each_scenario_ran_once(tmp_path: Path) -> None:
    broke = record(*finished(*range(1, 7)), *finished(7, status="failed"))
    assert unaccounted(ended(tmp_path, 0, 0), record(*finished(*range(1, 8))), PLANNED) == ""
    assert unaccounted(ended(tmp_path, 0, 1), broke, PLANNED) == ""
    assert unaccounted(ended(tmp_path, 1, 1), record(event("setup-failed", phase="x")), PLANNED) == ""


def test_a_worker_that_dies_is_named_and_what_it_had_begun(tmp_path: Path) -> None:
    workers = ended(tmp_path, 0, -9)
    why = unaccounted(workers, record(*finished(*range(1, 7))), PLANNED)
    assert why == "worker 2 ended with exit code -9; did not run once: features/a.feature:7"
    assert failure(workers, why).log == ["the words of worker 2"]


def test_scenarios_that_nobody_ran_or_two_did_are_named(tmp_path: Path) -> None:
    why = unaccounted(ended(tmp_path, 0, 0), record(*finished(1, 1)), PLANNED)
    names = ", ".join(f"features/a.feature:{line}" for line in range(1, 6))
    assert why == f"did not run once: {names} and 2 more"


def test_a_failure_that_no_scenario_tells_of_is_told(tmp_path: Path) -> None:
    why = unaccounted(ended(tmp_path, 0, 1), record(*finished(*range(1, 8))), PLANNED)
    assert why == "behave ended with exit code 1 and no failed scenario"


def test_every_report_has_the_scenarios_as_they_stand_in_the_features(tmp_path: Path) -> None:
    run = MadeUpRun(tmp_path)
    run.begin()
    run.passing(5, feature="users/signing_in")
    run.passing(30)
    run.passing(12)
    assert [(one.file.rpartition("/")[2], one.line) for one in Record.read(run.journal.path).scenarios] == [
        ("place_order.feature", 12),
        ("place_order.feature", 30),
        ("signing_in.feature", 5),
    ]


def test_no_file_of_the_users_changes_what_behave_does(tmp_path: Path) -> None:
    (tmp_path / "a.feature").write_text("Feature: a\n  Scenario: b\n    Given c\n")
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "c.py").write_text("from behave import given\n\n\n@given('c')\ndef c(context): pass\n")
    (tmp_path / ".behaverc").write_text("[behave]\ndry_run = true\nname = nothing\n")
    said = subprocess.run(
        [sys.executable, "-m", BEHAVE, *HOW, str(tmp_path / "a.feature")],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "1 scenario passed, 0 failed, 0 skipped" in said.stdout, said.stdout + said.stderr
