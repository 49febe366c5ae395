"""`fault`: break something of a running stack by hand, see that it took effect, and restore it."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial

import click

from ops.commands import link_fault, options
from ops.commands.holding import hold
from ops.errors import WrongUsage
from ops.interruption import undisturbed
from ops.outcome import Outcome
from ops.stacks import clearing, cutting, kinds, linkfaults, named, standing
from ops.stacks.breakage import Breakage
from ops.stacks.breaking import KINDS, Broken
from ops.stacks.cutting import Cut
from ops.stacks.model import OwnStack
from ops.stacks.parts import Part

PATIENCE = 60.0
"""Seconds to wait for a stack that another call changes, when a fault is to be undone."""

CAPABILITIES = {**{kind: what.capability for kind, what in KINDS.items()}, cutting.KIND: cutting.CAPABILITY}
"""What a stack must be capable of for the faults that are no matter of the proxy."""

JOBS = ("list", "clear")
"""What stands in the place of a kind, and breaks nothing."""

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


class Duration(click.ParamType[float]):
    """`30s`, `500ms`, `2m`: seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", str(value))
        if not found:
            self.fail(f"{value!r} is no duration; one looks like 30s, 500ms or 2m", param, ctx)
        return float(found[1]) * UNITS[found[2]]


@click.command()
@click.argument("kind")
@click.argument("target", required=False)
@options.name
@click.option("--for", "seconds", type=Duration(), help="Restore it after that time.  [default: stays until `clear`]")
@click.option("--ms", type=options.Number(), help="latency: milliseconds; drip: milliseconds from byte to byte.")
@click.option("--jitter", type=options.Number(), help="latency: up to so many milliseconds more or less.")
@click.option("--code", type=options.Whole(200, 599), help="status: the code to answer with.")
@click.option("--times", type=options.Whole(1), help="On a link: how many requests are met.  [default: every one]")
@click.option("--request-id", help="On a link: only these requests; * stands for any characters.")
def fault(
    kind: str,
    target: str | None,
    name: str,
    seconds: float | None,
    ms: float | None,
    jitter: float | None,
    code: int | None,
    times: int | None,
    request_id: str | None,
) -> Outcome:
    """Break a service or a link of a running stack by hand, and see that it took effect.

    KIND is stopped, killed, paused, restarted or recreated, and TARGET a service: orders, or orders.2 for a second
    replica; or KIND is status, latency, drip, reset, blackhole, truncated, garbled or down, and TARGET a link:
    orders:products, gateway:orders; so it is for cut, on Docker alone, which takes the link's network away.
    `fault list` shows what is broken, `fault clear` restores all of it and waits until it is ready.
    """
    _require_known(kind)
    stack = named.running(name)
    given = {"ms": ms, "jitter": jitter, "code": code, "times": times, "request-id": request_id}
    settings = {option: value for option, value in given.items() if value is not None}
    if kind in JOBS:
        if target:
            raise WrongUsage(f"fault {kind} takes no target")
        return _cleared(stack) if kind == "clear" else _listed(stack)
    if kind in link_fault.KINDS:
        return link_fault.put(stack, kind, link_fault.named(_given(target)), settings, seconds)
    if settings:
        raise WrongUsage(f"{kind} takes no --{next(iter(settings))}")
    _require_able(stack, kind)
    broken = _breakage(stack, kind, _given(target))
    if broken.passes:
        return _passing(stack, broken)
    return _staying(stack, broken) if seconds is None else _holding(stack, broken, seconds)


def _given(target: str | None) -> str:
    if target is None:
        raise WrongUsage("what is to be broken? A service: python3 -m ops fault killed orders")
    return target


def _require_known(kind: str) -> None:
    there = [*CAPABILITIES, *link_fault.KINDS]
    if kind not in there and kind not in JOBS:
        near = get_close_matches(kind, [*there, *JOBS], n=1)
        nearest = f", the nearest is {near[0]}" if near else ""
        raise WrongUsage(f"there is no fault {kind!r}{nearest}; there are {', '.join(there)}, and list and clear")


def _require_able(stack: OwnStack, kind: str) -> None:
    if CAPABILITIES[kind] not in stack.capabilities:
        able = [name for name, capability in CAPABILITIES.items() if capability in stack.capabilities]
        raise WrongUsage(
            f"{kind} needs a stack on Compose: python3 -m ops up --stack {kinds.COMPOSE}; "
            f"the stack {stack.name!r} is a local one: it knows {', '.join(able)}"
        )


def _breakage(stack: OwnStack, kind: str, target: str) -> Breakage:
    parts, wires, url = stack.parts, stack.wires, stack.state.url if stack.state else ""
    if wires and kind == cutting.KIND:
        return Cut(wires, link_fault.named(target), url)
    settle = partial(linkfaults.settle, stack)
    return Broken(parts, Part.parse(target, parts.all()), kind, url, settle=settle)


def _passing(stack: OwnStack, broken: Breakage) -> Outcome:
    with stack.layout.held(), broken:
        pass
    return Outcome(f"{broken.state}: {broken.detail}")


def _staying(stack: OwnStack, broken: Breakage) -> Outcome:
    _begin(stack, broken)
    return Outcome(f"{broken.state}: {broken.detail}; restore it with: {link_fault.CLEAR} --name {stack.name}")


def _holding(stack: OwnStack, broken: Breakage, seconds: float) -> Outcome:
    _begin(stack, broken)
    hold(_ending(stack, broken), f"{broken.kind} {broken.target}", seconds)
    return Outcome(f"{broken.state}: {broken.detail}")


@contextlib.contextmanager
def _ending(stack: OwnStack, broken: Breakage) -> Iterator[None]:
    """The stack is held only while it is changed, so that others may look, or clear."""
    try:
        yield
    finally:
        with undisturbed(), stack.layout.held(PATIENCE):
            broken.__exit__(*sys.exc_info())
            standing.remove(stack.layout, broken.target)


def _begin(stack: OwnStack, broken: Breakage) -> None:
    """It is written down first: whoever is killed in between leaves something that `clear` finds."""
    with stack.layout.held():
        broken.check()
        standing.add(stack.layout, broken.kind, broken.target)
        try:
            broken.__enter__()
        except BaseException:
            standing.remove(stack.layout, broken.target)
            raise


def _listed(stack: OwnStack) -> Outcome:
    return Outcome("\n".join(clearing.listed(stack)) or f"nothing of {stack.name} is broken")


def _cleared(stack: OwnStack) -> Outcome:
    with stack.layout.held(PATIENCE), undisturbed():
        lines = clearing.clear(stack)
    return Outcome("\n".join(lines) or f"nothing of {stack.name} was broken")
