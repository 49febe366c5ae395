"""`fault` on a link: by the fault proxy, and seen on a request of our own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from ops.commands.holding import hold
from ops.errors import WrongUsage
from ops.faults import on_links
from ops.faults.catalogue import KINDS
from ops.faults.errors import FaultError, NotProven, OrderRefused
from ops.faults.link_fault import LinkFault
from ops.faults.link_faults import LinkFaults
from ops.interruption import undisturbed
from ops.outcome import Outcome
from ops.stacks.model import Stack
from ops.system import Link

CLEAR = "python3 -m ops fault clear"
LONGEST = 3600.0
"""Seconds after which a link fault ends by itself."""

SPARE = 5.0
"""Seconds for which one outlives its time, so that its end can still be told; then nobody is left to undo it."""

LIMITS = ("--times", "--request-id")
SHORTEST = 8
"""Characters of a request ID; the gateway replaces any other (gateway/includes/request_id.conf)."""


def put(stack: Stack, kind: str, link: Link, settings: dict[str, Any], seconds: float | None) -> Outcome:
    """For so many seconds, else until it is cleared or an hour is over. Raises WrongUsage, NotProven."""
    what, lasts = _settings(kind, settings), _lasts(seconds)
    limits: dict[str, Any] = {"times": settings.get("--times"), "request_ids": _request_ids(settings)}
    with stack.layout.held():
        faults = on_links.provide(stack, link, stay=seconds is None)
        on_links.require_free(stack, faults, link)
        try:
            _show(faults, kind, link, what)
            injected = faults.inject(kind, str(link), **limits, seconds=lasts, **what).__enter__()
        except OrderRefused as refused:
            raise WrongUsage(f"{kind}: {refused}") from None
    if seconds is None:
        asked = injected.detail.partition(", took effect")[0]
        return Outcome(f"confirmed on a request of our own: {asked}; restore it with: {CLEAR} --name {stack.name}")
    hold(_ending(injected), f"{kind} {link}", seconds, partial(_is_known, injected))
    return Outcome(f"confirmed on a request of our own: {_told(injected)}")


def _show(faults: LinkFaults, kind: str, link: Link, settings: dict[str, Any]) -> None:
    """What takes the whole link is tried out by the proxy itself."""
    if KINDS[kind].takes_link is None:
        on_links.show(faults, kind, link, settings)


def _is_known(injected: LinkFault) -> bool:
    """False once another call has cleared it, or the proxy is gone."""
    try:
        return injected.fired is not None
    except FaultError:
        return False


@contextlib.contextmanager
def _ending(injected: LinkFault) -> Iterator[None]:
    try:
        yield
    finally:
        with undisturbed():
            on_links.end(injected)
            if injected.fired is None:
                raise NotProven(f"{injected.detail}: another call cleared it before its time, or the proxy is gone")


def _told(injected: LinkFault) -> str:
    asked, _, took = injected.detail.partition(", took effect ")
    return f"{asked}, no other request met it" if took == "never" else injected.detail


def _request_ids(settings: dict[str, Any]) -> str:
    """Raises WrongUsage for an ID that no request can have."""
    wanted = str(settings.get("--request-id", "*"))
    if "*" not in wanted and len(wanted) < SHORTEST:
        raise WrongUsage(f"no request bears the ID {wanted!r}: the gateway replaces what is shorter than {SHORTEST}")
    return wanted


def _lasts(seconds: float | None) -> float:
    """When the proxy ends it, whatever became of us. Raises WrongUsage for longer than it would."""
    if seconds is not None and seconds > LONGEST:
        raise WrongUsage("a fault on a link lasts an hour at the most")
    return LONGEST if seconds is None else min(LONGEST, seconds + SPARE)


def _settings(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """By the names that the proxy has for them. Raises WrongUsage for an option too many or too few."""
    names = KINDS[kind].options
    for option in given:
        if option not in (*names, *LIMITS):
            raise WrongUsage(f"{kind} takes no {option}; it takes {', '.join((*names, *LIMITS))}")
    if (needed := KINDS[kind].needed) and needed not in given:
        raise WrongUsage(f"{kind} needs {needed} {needed.removeprefix('--').upper()}")
    return {names[option]: value for option, value in given.items() if option in names}
