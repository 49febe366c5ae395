"""`fault` on a service: seen before and meanwhile, written down while it is in force."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from functools import partial

from ops.commands.holding import hold
from ops.commands.link_fault import CLEAR
from ops.errors import WrongUsage
from ops.faults.errors import NotProven
from ops.interruption import undisturbed
from ops.outcome import Outcome
from ops.stacks import kinds, linkfaults, standing
from ops.stacks.breakage import Breakage
from ops.stacks.breaking import KINDS, Broken
from ops.stacks.model import OwnStack
from ops.stacks.parts import Part

PATIENCE = 60.0
"""Seconds to wait for a stack that another call changes, when a fault is to be undone."""

CAPABILITIES = {kind: what.capability for kind, what in KINDS.items()}
"""What a stack must be capable of for each of these faults."""


def make(stack: OwnStack, kind: str, target: str, seconds: float | None) -> Outcome:
    """For so many seconds, else until it is cleared. Raises WrongUsage, NotProven, StackNotReady."""
    _require_able(stack, kind)
    broken = _breakage(stack, kind, target)
    if broken.passes:
        return _passing(stack, broken, seconds)
    _begin(stack, broken)
    if seconds is None:
        return Outcome(f"{broken.state}: {broken.detail}; restore it with: {_clear(stack)}")
    stands = partial(standing.stands, stack.layout, broken.target)
    hold(_ending(stack, broken), f"{kind} {target}", seconds, stands)
    return Outcome(f"{broken.state}: {broken.detail}")


def _clear(stack: OwnStack) -> str:
    return f"{CLEAR} --name {stack.name}"


def _require_able(stack: OwnStack, kind: str) -> None:
    if CAPABILITIES[kind] not in stack.capabilities:
        able = [name for name, capability in CAPABILITIES.items() if capability in stack.capabilities]
        raise WrongUsage(
            f"{kind} needs a stack on Compose: python3 -m ops up --stack {kinds.COMPOSE}; "
            f"the stack {stack.name!r} is a local one: it knows {', '.join(able)}"
        )


def _breakage(stack: OwnStack, kind: str, target: str) -> Breakage:
    parts, url = stack.parts, stack.state.url if stack.state else ""
    settle = partial(linkfaults.settle, stack)
    return Broken(parts, Part.parse(target, parts.all()), kind, url, settle=settle)


def _passing(stack: OwnStack, broken: Breakage, seconds: float | None) -> Outcome:
    if seconds is not None:
        raise WrongUsage(f"{broken.kind} is over at once: it takes no --for")
    with stack.layout.held():
        _require_running(stack, broken)
        with broken:
            pass
    return Outcome(f"{broken.state}: {broken.detail}")


@contextlib.contextmanager
def _ending(stack: OwnStack, broken: Breakage) -> Iterator[None]:
    """The stack is held only while it is changed, so that others may look, or clear."""
    try:
        yield
    finally:
        with undisturbed(), stack.layout.held(PATIENCE):
            if not standing.stands(stack.layout, broken.target):
                raise NotProven(f"{broken.kind} {broken.target} was cleared by another call before its time")
            _end(stack, broken)


def _end(stack: OwnStack, broken: Breakage) -> None:
    """What does not come back stands further on, for `clear`. Raises StackNotReady for it, NotProven."""
    try:
        broken.__exit__(*sys.exc_info())
        broken.require_back()
    finally:
        _forget(stack, broken)


def _forget(stack: OwnStack, broken: Breakage) -> None:
    if broken.recovery_ms is not None:
        standing.remove(stack.layout, broken.target)


def _require_running(stack: OwnStack, broken: Breakage) -> None:
    if (state := broken.sight().state) != "running":
        raise WrongUsage(f"{broken.target} is {state} already; restore it with: {_clear(stack)}")


def _begin(stack: OwnStack, broken: Breakage) -> None:
    """It is written down first: whoever is killed in between leaves something that `clear` finds."""
    with stack.layout.held():
        _require_running(stack, broken)
        standing.add(stack.layout, broken.kind, broken.target)
        try:
            broken.__enter__()
        except BaseException:
            _forget(stack, broken)
            raise
