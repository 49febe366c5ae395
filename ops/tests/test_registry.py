"""Stacks by their names: what is told of those that are there, and of one that is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import cli
from ops.errors import Exit
from ops.outcome import Outcome
from ops.stacks import kinds, local
from ops.stacks.layout import Layout
from ops.stacks.state import Member, State
from ops.tests.shop import GATEWAY

NAME = "t-named"


def ops(*arguments: str) -> Outcome:
    outcome = CliRunner().invoke(cli, arguments, standalone_mode=False).return_value
    assert isinstance(outcome, Outcome)
    assert outcome.exit == Exit.HELD
    return outcome


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """A stack that a failed run left, a local one unless the test says which."""
    place, members = Layout(NAME), [Member(name=GATEWAY, port=1)]
    place.make()
    kind = getattr(request, "param", local.KIND)
    State(url="http://127.0.0.1:1", stack=kind, members=members, ephemeral=True, kept=True).save(place.state)
    yield
    place.remove()


@pytest.mark.usefixtures("kept")
def test_status_names_the_other_stacks() -> None:
    line = f"also here: {NAME} (local) at http://127.0.0.1:1; python3 -m ops status --name {NAME}"
    assert line in str(ops("status").text).splitlines()
    assert line not in str(ops("status", "--name", NAME).text)
    assert "also here" not in str(ops("status", "--json").text)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("kept", [kinds.COMPOSE], indirect=True)
def test_status_of_a_stack_whose_engine_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(ops("status", "--name", NAME).text).splitlines()[0] == f"{NAME} (compose) is down"


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("command", ["status", "down"])
def test_a_name_that_no_stack_has_is_told_with_those_there_are(command: str) -> None:
    said = str(ops(command, "--name", "t-nope").text)
    there = said.splitlines()[0].partition("there is no stack 't-nope'; there are ")[2]
    assert NAME in there.split(", ")


@pytest.mark.usefixtures("kept")
def test_no_line_of_a_request_is_said_beside_the_empty_result(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = cli.main(["logs", "--name", NAME, "--request-id", "nothing"], standalone_mode=False)
    assert (outcome.text, outcome.exit) == ("", Exit.HELD)
    assert f"no line of the stack '{NAME}'" in capsys.readouterr().err


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(("count", "rest"), [(20, []), (21, ["… and older ones; these are the newest 20"])])
def test_a_list_of_requests_says_that_there_are_more(count: int, rest: list[str]) -> None:
    lines = [
        {"ts": f"2026-11-22T23:05:{n:02}.000Z", "event": "request", "requestId": f"demo-{n:04}", "durationMs": 1}
        | {"method": "GET", "path": "/", "status": 200}
        for n in range(count)
    ]
    logs = Layout(NAME).gateway / "logs"
    logs.mkdir()
    (logs / "access.log").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    listed = str(ops("trace", "demo-*", "--name", NAME).text).splitlines()
    assert (len(listed[:20]), listed[20:]) == (20, rest)
    assert len(json.loads(str(ops("trace", "demo-*", "--name", NAME, "--json").text))["requests"]) == 20
