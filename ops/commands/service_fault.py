"""`fault` on a service: seen before and meanwhile, written down while it is in force."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from functools import partial

from ops.commands.holding import hold
from ops.commands.link_fault import CLEAR
from ops.errors import WrongUsage
from ops.faults import active
from ops.faults.errors import NotProven
from ops.faults.fault import Fault
from ops.faults.service_faults import break_service
from ops.interruption import undisturbed
from ops.outcome import Outcome
from ops.stacks.model import Stack

PATIENCE = 60.0
"""Seconds to wait for a stack that another call changes, when a fault is to be undone."""


def make(stack: Stack, kind: str, target: str, seconds: float | None) -> Outcome:
    """For so many seconds, else until it is cleared. Raises WrongUsage, NotProven, StackNotReady."""
    broken = break_service(stack, kind, target)
    if broken.passes:
        return _passing(stack, broken, seconds)
    _begin(stack, broken)
    if seconds is None:
        return Outcome(f"{broken.state}: {broken.detail}; restore it with: {_clear(stack)}")
    stands = partial(active.is_in_force, stack.layout, broken.target)
    hold(_ending(stack, broken), f"{kind} {target}", seconds, stands)
    return Outcome(f"{broken.state}: {broken.detail}")


def _clear(stack: Stack) -> str:
    return f"{CLEAR} --name {stack.name}"


def _passing(stack: Stack, broken: Fault, seconds: float | None) -> Outcome:
    if seconds is not None:
        raise WrongUsage(f"{broken.kind} is over at once: it takes no --for")
    with stack.layout.held():
        _require_running(stack, broken)
        with broken:
            pass
    return Outcome(f"{broken.state}: {broken.detail}")


@contextlib.contextmanager
def _ending(stack: Stack, broken: Fault) -> Iterator[None]:
    """The stack is held only while it is changed, so that others may look, or clear."""
    try:
        yield
    finally:
        with undisturbed(), stack.layout.held(PATIENCE):
            if not active.is_in_force(stack.layout, broken.target):
                raise NotProven(f"{broken.kind} {broken.target} was cleared by another call before its time")
            _end(stack, broken)


def _end(stack: Stack, broken: Fault) -> None:
    """What does not come back stands further on, for `clear`. Raises StackNotReady for it, NotProven."""
    try:
        broken.__exit__(*sys.exc_info())
        broken.require_back()
    finally:
        _forget(stack, broken)


def _forget(stack: Stack, broken: Fault) -> None:
    if broken.recovery_ms is not None:
        active.remove(stack.layout, broken.target)


def _require_running(stack: Stack, broken: Fault) -> None:
    if (state := broken.observed().state) != "running":
        raise WrongUsage(f"{broken.target} is {state} already; restore it with: {_clear(stack)}")


def _begin(stack: Stack, broken: Fault) -> None:
    """It is written down first: a call that is killed in between leaves something that `clear` finds."""
    with stack.layout.held():
        _require_running(stack, broken)
        active.add(stack.layout, broken.kind, broken.target)
        try:
            broken.__enter__()
        except BaseException:
            _forget(stack, broken)
            raise
