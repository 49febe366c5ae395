"""What a stack that comes up will be: its ports, and what is known of those of its containers that run."""

from __future__ import annotations

from collections.abc import Collection

from ops.stacks import ports
from ops.stacks.compose.overlay import PORT
from ops.stacks.model import Wish
from ops.stacks.state import Member, State
from ops.stacks.topology import GATEWAY, HOST, SERVICES

KIND = "compose"


def plan(wish: Wish, written: State | None, running: Collection[str]) -> State:
    """The state to be; what runs keeps its port, unless another is asked for. Raises StackNotReady for a taken one."""
    before = written if GATEWAY in running else None
    front = _front(wish, before, ports.free(1)[0])
    return State(
        stack=KIND,
        url=f"http://{HOST}:{front}",
        members=_members(before, front),
        ephemeral=wish.ephemeral,
        environment=dict(wish.environment),
    )


def _front(wish: Wish, before: State | None, spare: int) -> int:
    if before and wish.port in (None, 0, before.gateway.port):
        return before.gateway.port
    return ports.choose(wish.port, ports.PREFERRED, spare)


def _members(before: State | None, port: int) -> list[Member]:
    known = {member.name: member for member in before.members} if before else {}
    services = [known.get(name) or Member(name=name, port=PORT) for name in SERVICES]
    front = known.get(GATEWAY) or Member(name=GATEWAY, port=port)
    return [*services, front.model_copy(update={"port": port})]
