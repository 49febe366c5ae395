"""The lines that `logs` prints, and which of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import cli
from ops.commands.logs import ordered
from ops.errors import Exit, WrongUsage
from ops.journal.runs import Run
from ops.stacks.layout import Layout
from ops.stacks.state import Member, State
from ops.tests.journals import event
from ops.tests.terminals import ROOT
from ops.trace.logs import LogLine

pytestmark = pytest.mark.whole

NAME = "t-logs"


BEFORE: LogLine = {"ts": "2026-11-21T08:00:01.003Z", "service": "users", "event": "error"}
LATER: LogLine = {"ts": "2026-11-21T08:00:02.000Z", "service": "gateway", "event": "request"}
TRACEBACK: list[LogLine] = [
    {"ts": BEFORE["ts"], "service": "users", "event": "text", "text": words} for words in ("b", "a")
]


def test_a_traceback_stays_behind_the_line_that_it_belongs_to() -> None:
    assert ordered([LATER, BEFORE, *TRACEBACK]) == [BEFORE, *TRACEBACK, LATER]


def test_what_has_no_time_at_all_comes_last_where_it_is_seen() -> None:
    died: LogLine = {"service": "orders", "event": "text", "text": "ImportError"}
    assert ordered([died, LATER]) == [LATER, died]


SLOW = ["info", "warning", "error"]


@pytest.fixture
def stack() -> Iterator[Path]:
    """The log of a stack that is up, in which `add` writes."""
    place = Layout(NAME)
    place.make()
    State(url="http://127.0.0.1:1", members=[Member(name="gateway", port=1)]).save(place.state)
    yield place.logs / "orders.log"
    place.remove()


def add(log: Path, *levels: str, ago: float = 0.0, event: str = "it") -> None:
    moment = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
    with log.open("a") as file:
        for level in levels:
            file.write(json.dumps({"ts": moment, "level": level, "event": event}) + "\n")


def said(*options: str) -> list[str]:
    outcome = CliRunner().invoke(cli, ["logs", "--name", NAME, *options], standalone_mode=False)
    assert outcome.exception is None
    return [line.split("  ")[2] for line in outcome.return_value.text.splitlines()]


def test_a_level_and_what_is_worse(stack: Path) -> None:
    add(stack, "debug", *SLOW)
    assert said("--level", "warning") == ["warning", "error"]
    assert said("--level", "debug") == ["debug", *SLOW]


def test_what_is_younger(stack: Path) -> None:
    add(stack, "info", ago=700)
    add(stack, "error", ago=10)
    assert said("--since", "10m") == ["error"]
    assert said("--since", "20m") == ["info", "error"]


def test_what_has_no_time_is_kept_however_young_the_rest_has_to_be(stack: Path) -> None:
    """As the traceback of a service that ended before it could log."""
    stack.write_text("ImportError: no module\n")
    outcome = CliRunner().invoke(cli, ["logs", "--name", NAME, "--since", "10m"], standalone_mode=False)
    assert "ImportError" in outcome.return_value.text


def test_a_request_whose_lines_are_left_out_is_not_called_unknown(stack: Path) -> None:
    stack.write_text('{"level": "info", "event": "it", "requestId": "demo-1234"}\n')
    call = ["logs", "--name", NAME, "--request-id", "demo-1234", "--level", "error", "--since", "10m"]
    outcome = CliRunner().invoke(cli, call, standalone_mode=False)
    assert outcome.return_value.text == ""
    assert "'demo-1234' and of level error or worse and younger than 600 s" in " ".join(outcome.stderr.split())


def test_lines_come_as_they_are_written_until_the_reader_leaves(stack: Path) -> None:
    add(stack, *SLOW)
    command = [sys.executable, "-m", "ops", "logs", "--name", NAME, "--follow", "--last", "2", "--level", "warning"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        assert [follower.stdout.readline().split("  ")[2] for _ in range(2)] == ["warning", "error"]
        add(stack, "info", event="nothing")
        add(stack, "error", event="new")
        assert follower.stdout.readline().split()[-1] == "new"
        follower.stdout.close()
        add(stack, "error", "error")
        assert follower.wait(20) == Exit.INTERRUPTED


def test_a_run_that_is_over_says_nothing_more(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    run.journal.write(event("run-started"))
    said = CliRunner().invoke(cli, ["logs", "--run", str(run.directory), "--follow"], standalone_mode=False)
    assert isinstance(said.exception, WrongUsage)
