"""Stacks by their names: what is told of those that are there, and of one that is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import cli
from ops.errors import Exit, StackNotReady
from ops.outcome import Outcome
from ops.progress import printer
from ops.stacks import kinds, local, registry, sweeping
from ops.stacks.layout import Layout
from ops.stacks.state import Member, State
from ops.system import DATABASE, HARNESS
from ops.tests.calls import process
from ops.tests.shop import GATEWAY

pytestmark = pytest.mark.whole


NAME = "t-named"
_PRINTER = printer
"""Loaded while we are root: to nobody, Python's own modules may be closed."""
NOBODY = 65534


def ops(*arguments: str) -> Outcome:
    outcome = CliRunner().invoke(cli, arguments, standalone_mode=False).return_value
    assert isinstance(outcome, Outcome)
    assert outcome.exit == (Exit.NOT_READY if arguments[0] == "status" else Exit.HELD)
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


@pytest.mark.parametrize("command", ["up", "down"])
def test_a_database_that_the_system_does_not_name_is_none_of_its_own(tmp_path: Path, command: str) -> None:
    """As states of before a system had one name it."""
    file = tmp_path / "docker-compose.yml"
    file.write_text("services: {front: {image: nginx, ports: ['80']}}\nx-ops: {gateway: front}\n")
    place = Layout("one", tmp_path / ".ops")
    place.make()
    State(url="http://127.0.0.1:1", database="sqlite", members=[Member(name="front", port=1)]).save(place.state)
    said = process(command, "--file", str(file), "--name", "one", **{DATABASE: ""})
    assert "sqlite" not in said.stderr, said.stderr
    assert said.returncode == (Exit.HELD if command == "down" else Exit.CONFIGURATION)


@pytest.mark.usefixtures("kept")
def test_the_checklist_is_followed_on_a_stack_with_the_database_that_it_has() -> None:
    state = State.read(Layout(NAME).state)
    assert state
    state.model_copy(update={"database": "postgres"}).save(Layout(NAME).state)
    said = process("smoke", "--name", NAME, "--stack", local.KIND)
    assert said.stderr.splitlines()[-1].endswith(f"stack {NAME} is down: python3 -m ops status --name {NAME}")


def test_a_state_with_one_port_a_link_is_read(tmp_path: Path) -> None:
    """As states of before a peer had replicas."""
    file = tmp_path / "state.json"
    file.write_text('{"url": "http://127.0.0.1:1", "members": [], "links": {"front:shelf": 2, "front:till": [3, 4]}}')
    state = State.read(file)
    assert state and state.links == {"front:shelf": [2], "front:till": [3, 4]}


def test_a_database_that_there_is_not_is_not_loaded() -> None:
    said = process("bench", "--database", "huge")
    assert said.returncode == Exit.USAGE and "has no database 'huge'; there is sqlite, postgres" in said.stderr


def test_all_stacks_of_a_system_go_at_once(tmp_path: Path) -> None:
    system = "services: {front: {image: nginx, ports: ['80']}}\nx-ops: {gateway: front}\n"
    file = tmp_path / "docker-compose.yml"
    file.write_text(system)
    for name in ("one", "two"):
        place = Layout(name, tmp_path / ".ops")
        place.make()
        State(url="http://127.0.0.1:1", members=[Member(name="front", port=1)]).save(place.state)
    command = [sys.executable, "-m", "ops", "down", "--file", str(file), "--all"]
    said = subprocess.run(command, cwd=HARNESS, capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (Exit.HELD, "one is down\ntwo is down\n")
    assert not (tmp_path / ".ops").exists()
    assert subprocess.run([*command, "--name", "one"], cwd=HARNESS, capture_output=True).returncode == Exit.USAGE


def test_one_that_is_in_use_keeps_no_other_there(tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text("services: {front: {image: nginx, ports: ['80']}}\nx-ops: {gateway: front}\n")
    for name in ("one", "two", "zoo"):
        place = Layout(name, tmp_path / ".ops")
        place.make()
        State(url="http://127.0.0.1:1", members=[Member(name="front", port=1)]).save(place.state)
    command = [sys.executable, "-m", "ops", "down", "--file", str(file), "--all"]
    with Layout("two", tmp_path / ".ops").held():
        said = subprocess.run(command, cwd=HARNESS, capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (Exit.USAGE, "one is down\nzoo is down\n")
    assert "two is not removed: another ops call works on" in said.stderr


@pytest.mark.usefixtures("kept")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_that_another_users_stack_is_not_removed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    os.seteuid(NOBODY)
    try:
        outcome = cli.main(["down", "--all"], standalone_mode=False)
    finally:
        os.seteuid(0)
    assert (outcome.text, outcome.exit) == ("", Exit.NOT_READY)
    assert f"{NAME} is not removed: the stack '{NAME}' belongs to root" in capsys.readouterr().err
    assert Layout(NAME).state.exists()


@pytest.mark.usefixtures("kept")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("command", ["status", "down", "logs", "up", "exec"])
def test_of_another_users_stack_nothing_is_said_but_whose_it_is(command: str) -> None:
    more = [GATEWAY, "true"] if command == "exec" else []
    os.seteuid(NOBODY)
    try:
        with pytest.raises(StackNotReady, match=f"the stack '{NAME}' belongs to root"):
            cli.main([command, "--name", NAME, *more], standalone_mode=False)
        assert NAME not in [found.name for found in registry.others("default")]
        assert not sweeping.sweep({})
    finally:
        os.seteuid(0)
    assert Layout(NAME).state.exists()


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


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("kept", ["pods"], indirect=True)
def test_a_kind_of_stack_that_is_not_known_is_no_other() -> None:
    with pytest.raises(StackNotReady, match=r"t-named is a stack of the kind 'pods', which is none of local, compose"):
        registry.stack(NAME)
