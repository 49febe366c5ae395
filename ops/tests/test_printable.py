"""A failure's text may have any characters: no lane ends of them; terminal, CI and reports get signs for controls."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from ops.journal.events import SetupFailed
from ops.journal.record import Record
from ops.journal.runs import Run
from ops.progress import printable
from ops.report import write_reports
from ops.run.github import job_summary, workflow_commands
from ops.tests.journals import event
from ops.tests.terminals import ROOT, python, terminal

EVIL = "a\x1b]0;title\x07b\0c\x9b2Jd\ud800e\udcfff\rg\u202eh"
SAID = """
import sys
from ops.interruption import watch_output
from ops.progress import Progress
watch_output()
words = EVIL
progress = Progress()
progress.say(words)
progress.complain(words)
progress.quote([words])
progress.offer(words)
progress.annotate(f"::error::{words}")
with progress.rows() as rows:
    rows.show("a", words)
    rows.drop("a")
""".replace("EVIL", repr(EVIL))
FEATURE = """Feature: a text
  Scenario: that nobody can write
    Given it
"""
STEP = f"from behave import given\n@given('it')\ndef it(context):\n    assert False, {EVIL!r}\n"
ENVIRONMENT = "from ops.api import hooks\ndef before_all(context):\n    hooks.writable()\n"


def strange(text: str) -> set[str]:
    return {sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") or sign == "\u202e"} - {"\t", "\n"}


def test_what_is_printed_has_the_same_length_and_no_control() -> None:
    assert len(printable(EVIL)) == len(EVIL)
    assert strange(printable(EVIL)) == set()
    assert printable("two\n\tlines, ✓ ä 日本 🚀") == "two\n\tlines, ✓ ä 日本 🚀"


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
def test_progress_says_it_in_any_locale(locale: dict[str, str]) -> None:
    plain = {"PATH": os.environ["PATH"], "GITHUB_ACTIONS": "true", "PYTHONPATH": str(ROOT), **locale}
    said = subprocess.run([sys.executable, "-c", SAID], cwd=ROOT, env=plain, capture_output=True)
    assert said.returncode == 0, said.stderr
    assert strange(said.stderr.decode()) == set()


@pytest.mark.whole
def test_a_terminal_gets_no_escape_of_others() -> None:
    with terminal(*python(SAID)) as seen:
        assert seen.end() == 0
    assert b"]0;title\x07" not in seen.raw
    assert b"\x1b]" not in seen.raw


def test_reports_and_what_ci_gets(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    run.journal.write(event("run-started"))
    run.journal.write(SetupFailed(phase=f"up {EVIL}", message=EVIL, log=(EVIL,)))
    run.journal.write(event("scenario-started", name=EVIL))
    run.journal.write(event("step", status="failed", error=EVIL, text=EVIL))
    run.journal.write(event("scenario-finished", status="failed"))
    record = Record.read(run.journal.path)
    write_reports(record, run.directory)
    for report in [run.directory / "acceptance.md", run.directory / "report.html", *run.directory.glob("junit/*.xml")]:
        assert strange(report.read_bytes().decode()) == set(), report
    assert strange("\n".join(workflow_commands(record))) == set()
    assert strange(job_summary(record, EVIL)) == set()


def test_no_lane_ends_of_it(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "a.feature").write_text(FEATURE)
    (tmp_path / "steps" / "steps.py").write_text(STEP)
    (tmp_path / "environment.py").write_text(ENVIRONMENT)
    ascii_only = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    said = subprocess.run(
        [sys.executable, "-m", "behave", "--format=plain", "--no-color", str(tmp_path)],
        cwd=tmp_path,
        env=ascii_only | {"PYTHONUTF8": "0"},
        capture_output=True,
    )
    assert said.returncode == 1
    assert b"0 scenarios passed, 1 failed" in said.stdout, said.stderr
