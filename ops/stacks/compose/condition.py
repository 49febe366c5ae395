"""How a stack's containers are, as `status` shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ops.stacks import probes
from ops.stacks.compose import containers, ready
from ops.stacks.model import ServiceState, ServiceStatus, StackState, overall_state
from ops.stacks.state import State
from ops.system import current

STATES: Mapping[str, ServiceState] = {"running": "running", "paused": "paused"}


def services(found: Sequence[Any], state: State | None) -> tuple[ServiceStatus, ...]:
    """Each replica; one whose container ended is `stopped`, a service without a container `absent`."""
    return tuple(one for part in current().parts for one in _replicas(part.name, found, state))


def overall(state: State, found: Sequence[Any], shown: Sequence[ServiceStatus]) -> StackState:
    """Ready when all run and say that they are ready, and the ways to them answer."""
    inside = [one for one in found if containers.service(one) in current().names]
    return overall_state(shown, lambda: all(map(ready.answers, inside)) and probes.ways_answer(state))


def _replicas(name: str, found: Sequence[Any], state: State | None) -> list[ServiceStatus]:
    replicas = [one for one in found if containers.service(one) == name]
    return [_replica(one, state) for one in replicas] or [ServiceStatus(name, 1, "absent")]


def _replica(container: Any, state: State | None) -> ServiceStatus:
    part = containers.part(container)
    name, number = part.service, part.replica
    now = STATES.get(container.status, "stopped")
    if now == "stopped":
        return ServiceStatus(name, number, now, container=container.name)
    port = current().part(name).port
    address = f"{containers.address(container)}:{port}" if port else containers.address(container)
    ready_ms = next((one.ready_ms for one in state.members if one.part == part), None) if state else None
    return ServiceStatus(name, number, now, container.attrs["State"]["Pid"], container.name, address, ready_ms)
