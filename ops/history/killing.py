"""A service's process killed without warning, then started again as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

from ops.errors import NotProven
from ops.stacks import processes
from ops.stacks.model import OwnStack

WITHIN = 5.0
"""Seconds in which a killed process is gone."""


@contextlib.contextmanager
def killed(stack: OwnStack, service: str) -> Iterator[None]:
    """It is gone within the block; after it, the same program starts with the same settings, data and port.

    Raises NotProven when it was not running, or does not die. Whether it becomes ready again is for others to see.
    """
    state = stack.state
    member = state.member(service) if state else None
    if state is None or member is None or not processes.is_alive(member.pid, stack.layout.directory):
        raise NotProven(f"{service} of {stack.name} was not running when it was to be killed")
    process = psutil.Process(member.pid)
    command, environment, folder = process.cmdline(), process.environ(), process.cwd()
    _kill(process, service)
    try:
        yield
    finally:
        log = stack.layout.logs / f"{service}.log"
        member.pid = processes.start(command, Path(folder), log, environment).pid
        state.save(stack.layout.state)


def _kill(process: psutil.Process, service: str) -> None:
    try:
        process.kill()
        process.wait(WITHIN)
    except psutil.TimeoutExpired:
        raise NotProven(f"{service} lives {WITHIN:.0f} s after SIGKILL") from None
