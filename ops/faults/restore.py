"""All that is broken of a stack, however it broke: listed and restored."""

from __future__ import annotations

from collections.abc import Iterator

from ops.errors import StackNotReady
from ops.faults import active, on_links
from ops.faults.fault import Fault
from ops.faults.recovery import Recovery
from ops.faults.service_faults import ServiceFault
from ops.stacks import rolling
from ops.stacks.model import Stack


def listed(stack: Stack) -> Iterator[str]:
    """A line for each fault there is, those on links last, used up or not. Raises FaultError, StackNotReady."""
    yield from _on_parts(stack)
    yield from map(on_links.in_words, on_links.all_of(stack))


def in_force(stack: Stack) -> Iterator[str]:
    """The same without those on links that are used up. Raises FaultError, StackNotReady."""
    yield from _on_parts(stack)
    yield from (on_links.in_words(one) for one in on_links.all_of(stack) if not on_links.is_used_up(one))


def _on_parts(stack: Stack) -> Iterator[str]:
    """Those on services."""
    written = {one.target: one for one in active.read(stack.layout)}
    for target, state in [(one.target, one.observed().state) for one in _breakable(stack)]:
        if state != "running":
            one = written.get(target)
            yield f"{one.kind} {target} since {one.since}" if one else f"{target} is {state}, not by `ops fault`"


def clear(stack: Stack) -> list[str]:
    """Restore all of it and return when it is ready, a line for each. Raises WrongUsage, StackNotReady.

    Link faults end first: a service is not back while its way is in trouble.
    """
    rolling.require_over(stack)
    ended = on_links.clear(stack)
    lines = mend(stack)
    stack.withdraw_proxy()
    return lines + ended


def review(stack: Stack) -> None:
    """Forget what was written down of parts that run again."""
    if active.read(stack.layout):
        for one in _breakable(stack):
            if one.observed().state == "running":
                active.remove(stack.layout, one.target)


def mend(stack: Stack) -> list[str]:
    """Restore its services, and return when they are back, a line for each. Raises StackNotReady."""
    mended = [one for one in _breakable(stack) if one.mend()]
    stack.withdraw_dead_proxy()
    waiting = [(one.target, Recovery(one.is_back, ended=one.has_ended)) for one in mended]
    for _, recovery in waiting:
        recovery.start()
    lines = [_back(stack, target, recovery) for target, recovery in waiting]
    active.forget(stack.layout)
    return lines


def all_of(stack: Stack) -> None:
    """Its services, its cut links, and the faults on links that are not limited to one scenario.

    Raises StackNotReady for what does not come back; of a stack elsewhere nothing can be broken from here.
    """
    if stack.capabilities:
        on_links.end_unlimited(stack)
        mend(stack)


def _breakable(stack: Stack) -> list[Fault]:
    """Its services, as they can be broken."""
    parts = stack.parts
    return [ServiceFault(parts, part, "stopped", stack.base_url) for part in parts.all()]


def _back(stack: Stack, target: str, recovery: Recovery) -> str:
    recovery.join()
    if recovery.ms is None:
        raise StackNotReady(f"{target} was restored, but does not get ready: python3 -m ops logs --name {stack.name}")
    return f"{target} is back after {recovery.ms:.0f} ms"
