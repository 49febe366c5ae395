"""A run has an end and reports, whatever happens in it, and its reports tell what did."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.errors import CleanupFailed, Exit, StackNotReady
from ops.journal.events import RunFinished
from ops.journal.record import Record
from ops.journal.runs import Run
from ops.run.ending import concluded
from ops.tests.journals import event

pytestmark = pytest.mark.whole


@pytest.fixture
def run(tmp_path: Path) -> Run:
    begun = Run.begin(tmp_path)
    begun.journal.write(event("run-started"))
    return begun


def told(run: Run) -> Record:
    assert (run.directory / "report.html").exists()
    return Record.read(run.journal.path)


def end(run: Run) -> RunFinished:
    found = told(run).end
    assert found is not None
    return found


def a_scenario(run: Run) -> None:
    run.journal.write(event("scenario-started"))
    run.journal.write(event("scenario-finished"))


def test_what_held(run: Run) -> None:
    with concluded(run) as ending:
        a_scenario(run)
        ending.code = Exit.HELD
    assert (end(run).exit, end(run).interrupted, told(run).verdict.ok) == (Exit.HELD, False, True)
    assert told(run).seconds is not None


def test_a_run_of_which_nobody_said_that_it_held_has_not(run: Run) -> None:
    with concluded(run):
        a_scenario(run)
    assert end(run).exit == Exit.FAILED


@pytest.mark.parametrize(
    ("error", "code", "phase", "message"),
    [
        (StackNotReady("orders does not start", ["its last line"]), Exit.NOT_READY, "StackNotReady", "orders does not"),
        (CleanupFailed("a network is left"), Exit.CLEANUP, "CleanupFailed", "a network is left"),
        (ValueError("own"), Exit.FAILED, "Surprise", "ValueError: own"),
        (TimeoutError(), Exit.NOT_READY, "MachineRefused", "TimeoutError"),
    ],
)
def test_what_is_raised_goes_on_and_is_in_the_reports(
    run: Run, error: Exception, code: Exit, phase: str, message: str
) -> None:
    with pytest.raises(type(error)), concluded(run) as ending:
        a_scenario(run)
        ending.code = Exit.HELD
        raise error
    story = told(run)
    (failure,) = story.setup_failures
    assert (end(run).exit, story.verdict.ok, failure.phase) == (code, False, phase)
    assert message in failure.message
    assert list((run.directory / "junit").glob("set-up.xml"))


def test_an_interruption(run: Run) -> None:
    with pytest.raises(KeyboardInterrupt), concluded(run):
        raise KeyboardInterrupt
    assert (end(run).exit, end(run).interrupted) == (Exit.INTERRUPTED, True)
