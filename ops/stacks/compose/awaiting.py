"""Waits for a stack's containers, and names the one that does not get ready."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops.errors import StackNotReady
from ops.progress import Progress
from ops.stacks import readiness
from ops.stacks.compose import containers, follower, ready
from ops.stacks.layout import Layout
from ops.stacks.state import Member, State
from ops.system import current


def await_ready(found: Sequence[Any], layout: Layout, state: State, progress: Progress) -> None:
    """Return when all are, and write down how long each took. Raises StackNotReady with its last lines."""
    checks = [
        _check(one, layout, state)
        for one in found
        if containers.service(one) in {part.name for part in current().parts}
    ]
    try:
        readiness.wait(checks, progress)
    except StackNotReady as failure:
        culprit = next(check for check in checks if check.name == failure.culprit)
        raise StackNotReady(str(failure), containers.last_lines(culprit.container)) from None
    for check in checks:
        _note(state.member(containers.service(check.container)), check)
    state.save(layout.state)


def named(found: Sequence[Any], failure: StackNotReady) -> StackNotReady:
    """The failure of a start, by the container that ended at once if one did."""
    ended = [one for one in found if one.attrs["State"]["ExitCode"]]
    if not ended:
        return failure
    return StackNotReady(f"{containers.service(ended[0])} ended at once: {failure}", containers.last_lines(ended[0]))


def _check(container: Any, layout: Layout, state: State) -> ready.ContainerCheck:
    gateway = current().gateway
    is_gateway = containers.service(container) == gateway.name
    url = f"{state.url}{gateway.ready}" if is_gateway and gateway.ready else ready.url(container)
    return ready.check(container, url, follower.file_of(layout.logs, container))


def _note(member: Member, check: ready.ContainerCheck) -> None:
    """A container that was there before keeps the time that it took to get ready."""
    pid = check.container.attrs["State"]["Pid"]
    if member.pid != pid:
        member.pid, member.ready_ms = pid, check.ready_ms
