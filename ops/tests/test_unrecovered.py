"""A fault scenario of which a step failed, and then the recovery too: the step is what broke, and leads everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ops.errors import Exit
from ops.journal.journal import read
from ops.journal.record import Record
from ops.journal.runs import Run
from ops.progress import Progress
from ops.report.comparison import Comparison
from ops.report.comparison_text import text
from ops.run.github import job_summary, workflow_commands
from ops.run.live_progress import LiveProgress
from ops.run.summary import summary
from ops.run.verification import Proved
from ops.stacks.layout import ROOT
from ops.tests.journals import RUN, MadeUpRun, reported
from ops.trace.trace_link import TraceLink

STEP = "found 401 unauthenticated, not 201"
RECOVERY = "not back yet: 401 unauthenticated"
BOTH = f"{STEP}, and it did not recover: {RECOVERY}"
TRACE = f"python3 -m ops trace resilience.peer_failures.L19.1-{RUN}"
ENDING = """
import sys
from pathlib import Path
from types import SimpleNamespace as Some
from ops.api import Recording
from features.support.world import World
from ops.api import Run, events

class Unmended:
    def undo(self, journey):
        raise eval(sys.argv[2])

folder = Path(sys.argv[1])
Run.open(folder).journal.write(events.RunStarted(run=folder.name, kind="behave", stack="local"))
scenario = Some(filename="features/resilience/made_up.feature", line=1, keyword="Scenario", name="made up",
                feature=Some(name="made up", description=[]), effective_tags=[], parent=None, all_steps=[],
                status=Some(name="passed"), skip_reason=None, hook_failed=False)
suite = Some(stack=Some(base_url="http://127.0.0.1:1"), run=Run.open(folder), recoveries=None)
recording = Recording(suite.run, scenario)
world = World(suite, recording.place, recording)
world.faults = Unmended()
try:
    world.end()
except Exception:
    pass
"""


@pytest.fixture
def run(tmp_path: Path) -> MadeUpRun:
    made = MadeUpRun(tmp_path)
    made.begin()
    made.unrecovered()
    made.end(1)
    reported(tmp_path)
    return made


@pytest.mark.parametrize(
    ("error", "told"),
    [("AssertionError('not back yet: 503')", "not back yet: 503"), ("KeyError('id')", "KeyError: 'id'")],
)
def test_the_recovery_is_told_in_its_own_words(error: str, told: str, tmp_path: Path) -> None:
    folder = tmp_path / RUN
    folder.mkdir()
    subprocess.run([sys.executable, "-c", ENDING, str(folder), error], cwd=ROOT, check=True)
    assert Record.read(folder / "journal.jsonl").scenarios[0].reason == told


def test_the_last_lines_of_the_terminal_lead_with_the_step(run: MadeUpRun) -> None:
    proved = Proved(Run.open(run.directory), Exit.FAILED, Record.read(run.journal.path), 21.4)
    lines = summary(proved).plain.splitlines()
    at = lines.index("  Then the order is accepted")
    assert lines[at + 1 : at + 3] == [f"  {BOTH}", f"  {TRACE}"]


def test_what_is_told_at_once_has_the_step_then_the_recovery(
    run: MadeUpRun, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = Progress()
    with progress.rows() as rows:
        LiveProgress(progress, rows, TraceLink(RUN)).hear(read(run.journal.path))
    said = capsys.readouterr().err
    assert f"and it did not recover: {RECOVERY}" in said
    assert said.index(STEP) < said.index("and it did not recover")
    assert TRACE in said


def test_junit_the_acceptance_table_and_the_comparison_lead_with_the_step(run: MadeUpRun) -> None:
    [suite] = (run.directory / "junit").glob("resilience*.xml")
    failure = ElementTree.parse(suite).getroot().find(".//failure")  # noqa: S314  # our own file
    assert failure is not None
    assert failure.get("message", "").startswith(BOTH)
    assert STEP in (run.directory / "acceptance.md").read_text()
    assert f"    {BOTH}\n    {TRACE}\n" in text(Comparison(Record(), Record.read(run.journal.path)))


def test_github_leads_with_the_step(run: MadeUpRun) -> None:
    story = Record.read(run.journal.path)
    [only] = workflow_commands(story)
    assert "::found 401%0Anot   201%0A401 [" in only
    assert only.endswith(TRACE)
    assert STEP in job_summary(story, "a promise is broken")
