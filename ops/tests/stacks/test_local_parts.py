"""A part of a local stack is its process with all children, as a container is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ops.stacks import processes
from ops.stacks.layout import Layout
from ops.stacks.local.parts import LocalParts
from ops.stacks.parts import Part
from ops.stacks.state import Member
from ops.tests.waiting import eventually

CHILD = "import time; time.sleep(60)"
FAMILY = f"""
import os, sys, time
if not os.fork():
    os.chdir("/")
    os.execve(sys.executable, [sys.executable, "-c", {CHILD!r}], {{}})
time.sleep(60)
"""
ORDERS = Part("orders")


@pytest.fixture
def family(tmp_path: Path) -> Iterator[list[psutil.Process]]:
    """A process with a child that goes on without it, and that nothing marks as the stack's."""
    environment = {**os.environ, processes.SERVICE: "orders"}
    first = processes.start([sys.executable, "-c", FAMILY], tmp_path, tmp_path / "log", environment)
    parent = psutil.Process(first.pid)
    eventually(lambda: [child for child in parent.children() if child.cwd() == "/"])
    found = [parent, *parent.children()]
    yield found
    for one in found:
        if one.is_running():
            one.kill()
    first.wait()


@pytest.fixture
def parts(tmp_path: Path, family: list[psutil.Process]) -> LocalParts:
    members = [Member(name="orders", port=1, pid=family[0].pid)]
    return LocalParts(Layout(tmp_path.name, tmp_path.parent), lambda: members, lambda _: None)


def states(family: list[psutil.Process]) -> set[str]:
    return {one.status() if one.is_running() else psutil.STATUS_ZOMBIE for one in family}


def test_what_is_killed_leaves_no_child(parts: LocalParts, family: list[psutil.Process]) -> None:
    parts.kill(ORDERS)
    assert states(family) == {psutil.STATUS_ZOMBIE}


def test_what_is_paused_is_paused_whole(parts: LocalParts, family: list[psutil.Process]) -> None:
    parts.pause(ORDERS)
    assert eventually(lambda: states(family) == {psutil.STATUS_STOPPED})
    parts.resume(ORDERS)
    assert eventually(lambda: psutil.STATUS_STOPPED not in states(family))


def test_what_ends_while_it_is_paused_leaves_no_child_paused(
    parts: LocalParts, family: list[psutil.Process], tmp_path: Path
) -> None:
    parts.pause(ORDERS)
    processes.end(processes.of(tmp_path))
    assert eventually(lambda: psutil.STATUS_STOPPED not in states(family))


def test_what_is_stopped_ends_its_children_itself(parts: LocalParts, family: list[psutil.Process]) -> None:
    parts.stop(ORDERS)
    assert states(family[:1]) == {psutil.STATUS_ZOMBIE} and states(family[1:]) != {psutil.STATUS_ZOMBIE}
