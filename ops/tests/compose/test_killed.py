"""An ops that is killed leaves nothing that the next `down` does not find, and `down` touches nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.stacks import processes
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import ROOT
from ops.stacks.model import UpOptions
from ops.tests.compose.conftest import LINK, QUIET, Make

pytestmark = pytest.mark.whole


PROGRAM = """
import json, sys
from pathlib import Path
from ops.progress import Progress
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.model import UpOptions
from ops.system import Link
home, environment, deed = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
stack = ComposeStack(Layout("t", Path(home)), environment)
with stack.layout.held():
    if deed == "up":
        stack.up(UpOptions(0, (Link("orders", "products"),), ephemeral=True), Progress(quiet=True))
        print("up", flush=True)
        sys.stdin.read()
    else:
        stack.down()
"""


@pytest.fixture
def stack(make: Make) -> ComposeStack:
    return make()


@pytest.fixture
def stranger(stack: ComposeStack) -> Iterator[Any]:
    """Somebody else's container, network and volume on the same engine, of a project with a name like ours."""
    client = stack.containers.client
    labels = {"com.docker.compose.project": "gateproof-t", "com.docker.compose.service": "orders"}
    command = ["sleep", "600"]
    network = client.networks.create("stranger-network", labels=labels)
    volume = client.volumes.create("stranger-volume", labels=labels)
    container = client.containers.run("debian:trixie-slim", command, detach=True, labels=labels, network=network.name)
    yield container
    container.remove(force=True)
    network.remove()
    volume.remove()


def doing(stack: ComposeStack, deed: str) -> subprocess.Popen[str]:
    """An ops that does it."""
    environment = json.dumps(dict(stack.project().docker.environment))
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(stack.layout.home), environment, deed],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_when(process: subprocess.Popen[str], sign: Callable[[], bool]) -> None:
    """Kill it, as `kill -9` does, as soon as the sign is seen."""
    deadline = time.monotonic() + 90
    while not sign():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def is_calling(stack: ComposeStack, purpose: str) -> Callable[[], bool]:
    return (stack.layout.directory / f"compose-{purpose}.log").exists


def remains(stack: ComposeStack) -> list[Any]:
    client, filters = stack.containers.client, stack.containers.filters
    found = [
        *client.containers.list(all=True, filters=filters),
        *client.networks.list(filters=filters),
        *client.volumes.list(filters=filters),
        *processes.of(stack.layout.directory),
    ]
    return found + [stack.layout.directory] if stack.layout.directory.exists() else found


@pytest.mark.parametrize("purpose", ["config", "build"])
def test_killed_while_it_comes_up(stack: ComposeStack, stranger: Any, purpose: str) -> None:
    kill_when(doing(stack, "up"), is_calling(stack, purpose))
    assert remains(stack)
    with stack.layout.held():
        stack.down()
    time.sleep(1)
    assert remains(stack) == []
    stranger.reload()
    assert stranger.status == "running"


def test_killed_while_it_starts_containers(stack: ComposeStack) -> None:
    kill_when(doing(stack, "up"), lambda: bool(stack.containers.all()))
    with stack.layout.held():
        stack.down()
    time.sleep(1)
    assert remains(stack) == []


def test_killed_while_the_scenarios_run(stack: ComposeStack) -> None:
    ops = doing(stack, "up")
    kill_when(ops, lambda: bool(ops.stdout and ops.stdout.readline() == "up\n"))
    assert stack.status().state == "ready"
    with stack.layout.held():
        stack.down()
    assert remains(stack) == []


def test_killed_while_it_goes_down(stack: ComposeStack) -> None:
    with stack.layout.held():
        stack.up(UpOptions(0, (LINK,)), QUIET)
    kill_when(doing(stack, "down"), is_calling(stack, "down"))
    with stack.layout.held():
        stack.down()
    time.sleep(1)
    assert remains(stack) == []


def test_down_does_without_the_stacks_folder(stack: ComposeStack) -> None:
    with stack.layout.held():
        stack.up(UpOptions(0), QUIET)
        stack.stop()
    stack.layout.remove()
    assert stack.containers.all()
    with stack.layout.held():
        stack.down()
    assert remains(stack) == []


def test_a_call_that_was_left_alone_does_not_disturb_the_next(stack: ComposeStack) -> None:
    kill_when(doing(stack, "up"), is_calling(stack, "up"))
    with stack.layout.held():
        assert stack.up(UpOptions(0), QUIET).state == "ready"
    assert [path for path in Path(stack.layout.logs).glob("*/orders.log")]
