"""Link faults by hand: the link is put through the fault proxy, and a request of our own shows that it works."""

from __future__ import annotations

import contextlib
import secrets
from typing import Any

from ops.errors import OpsError, StackNotReady, WrongUsage
from ops.eventually import eventually
from ops.faults.errors import FaultError, NotProven, OrderRefused, ProxyUnreachable
from ops.faults.link_fault import LinkFault, how_often, refused, takes_link
from ops.faults.link_faults import LinkFaults
from ops.interruption import postponed
from ops.stacks.model import Stack
from ops.system import Link, current

PATIENCE = 1.0
"""Seconds for which our own request waits: a delay has shown itself by then."""
ATTEMPTS = 5


def wire(stack: Stack) -> LinkFaults | None:
    """Faults on the links that go through a fault proxy, if any do."""
    control = stack.link_control
    return LinkFaults(control) if control else None


def link_faults(stack: Stack) -> LinkFaults:
    """Faults on the links between services (`wire-faults`). Raises StackNotReady for a stack without a fault proxy."""
    if (faults := wire(stack)) is None:
        raise StackNotReady(f"stack {stack.name} has no fault proxy")
    return faults


def all_of(stack: Stack) -> list[dict[str, Any]]:
    """Those that the proxy has, oldest first. Raises FaultError when it does not answer."""
    faults = wire(stack)
    return faults.in_force() if faults else []


def is_used_up(fault: dict[str, Any]) -> bool:
    """True for one that was meant for so many requests, and has met them."""
    return fault["times"] is not None and bool(fault["fired"] >= fault["times"])


def settle(stack: Stack) -> None:
    """Return when the links are as the services behind them are; a proxy that is gone has none."""
    if faults := wire(stack):
        with contextlib.suppress(FaultError):
            faults.look()


def trouble(stack: Stack, seconds: float) -> str:
    """What kept the fault proxy from its work in the last so many seconds, in words; empty where nothing did."""
    try:
        control = stack.link_control
        stalls = control.call("GET", f"/stalls?seconds={seconds:.1f}")["stalls"] if control else []
    except OpsError as silent:
        return str(silent)
    return f"the fault proxy stood still for {max(stalls):.1f} s" if stalls else ""


def provide(stack: Stack, link: Link, *, stay: bool) -> LinkFaults:
    """The proxy, with that link going through it; to `stay` it needs nobody. Raises WrongUsage, StackNotReady."""
    with postponed():
        return LinkFaults(stack.provide_link(link, stay=stay))


def require_free(stack: Stack, faults: LinkFaults, link: Link) -> None:
    """Raises WrongUsage while a fault is in force there that takes every request, so that no other is ever met."""
    for fault in faults.in_force():
        if fault["link"] == str(link) and fault["requestIds"] == "*" and not is_used_up(fault):
            clear = f"python3 -m ops fault clear --name {stack.name}"
            raise WrongUsage(f"{fault['kind']} is in force on {link} already, for any request; end it with: {clear}")


def show(faults: LinkFaults, kind: str, link: Link, settings: dict[str, Any]) -> None:
    """Send requests of our own over the link until the same fault, meant for them alone, was seen to take effect.

    Where the link carries no HTTP, it is meant for one request, which may be another's. Raises NotProven.
    """
    for _ in range(ATTEMPTS):
        request_id = f"ops-fault-{secrets.token_hex(8)}" if current().part(link.peer).is_http else "*"
        with contextlib.suppress(NotProven):
            with faults.inject(kind, str(link), 1, request_id, **settings) as fault:
                faults.ask(str(link), request_id, PATIENCE)
                eventually(fault.confirmed, PATIENCE)
            return
    raise NotProven(f"{kind} on {link} was not seen to take effect on a request of our own")


def clear(stack: Stack) -> list[str]:
    """End every link fault, a line for each."""
    faults = wire(stack)
    if faults is None:
        return []
    try:
        return [f"{in_words(fault)}: cleared" for fault in faults.clear()]
    except FaultError as gone:
        return [f"the fault proxy did not answer: {gone}"]


def end_unlimited(stack: Stack) -> None:
    """End the faults that are for everybody's requests, as far as there is a proxy that knows them."""
    if faults := wire(stack):
        with contextlib.suppress(ProxyUnreachable):
            for fault in faults.in_force():
                if fault["requestIds"] == "*":
                    with contextlib.suppress(OrderRefused):  # its scenario has ended it meanwhile
                        faults.remove(fault["id"])


def in_words(fault: dict[str, Any]) -> str:
    """One fault of the proxy's list in words."""
    settings = "".join(f" {name}={value}" for name, value in fault["settings"].items())
    only = "" if fault["requestIds"] == "*" else f" for {fault['requestIds']}"
    return f"{fault['kind']}{settings} {fault['link']}{only}, {_effect(fault)}"


def _effect(fault: dict[str, Any]) -> str:
    if takes_link(fault):
        return refused(fault)
    if fault["times"] is None:
        return f"took effect {how_often(fault['took'])}"
    return f"took effect {fault['took']} of {fault['times']} times" + (", used up" if is_used_up(fault) else "")


def end(fault: LinkFault) -> None:
    """Undo it; that nobody came by is no failure of it."""
    with contextlib.suppress(NotProven):
        fault.__exit__(None, None, None)
