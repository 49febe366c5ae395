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
    state.members = [member(state, check) for check in wait(found, layout, state, progress)]
    state.save(layout.state)


def wait(found: Sequence[Any], layout: Layout, state: State, progress: Progress) -> Sequence[ready.ContainerCheck]:
    """Return what was seen of each once all are ready. Raises StackNotReady with its last lines."""
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
    return checks


def with_culprit(found: Sequence[Any], failure: StackNotReady) -> StackNotReady:
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


def member(state: State, check: ready.ContainerCheck) -> Member:
    """A container that was there before keeps the time that it took to get ready."""
    part, pid = containers.part(check.container), check.container.attrs["State"]["Pid"]
    known = next((there for there in state.members if there.part == part), None)
    one = known or Member(name=part.service, replica=part.replica, port=current().part(part.service).port or 0)
    return one if one.pid == pid else one.model_copy(update={"pid": pid, "ready_ms": check.ready_ms})
