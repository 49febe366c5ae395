"""Trouble of the harness while a scenario ran: it proves nothing then, and says nothing of the stack."""

from __future__ import annotations

from ops.errors import OpsError
from ops.stacks.model import Stack


def trouble(stack: Stack, seconds: float) -> str:
    """What kept the fault proxy from its work in the last so many seconds, in words; empty where nothing did."""
    try:
        control = stack.link_control
        stalls = control.call("GET", f"/stalls?seconds={seconds:.1f}")["stalls"] if control else []
    except OpsError as silent:
        return str(silent)
    return f"the fault proxy stood still for {max(stalls):.1f} s" if stalls else ""
