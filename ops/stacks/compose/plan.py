"""What a stack that comes up will be: its ports, and what is known of those of its containers that run."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ops.stacks import ports
from ops.stacks.model import UpOptions
from ops.stacks.parts import Part
from ops.stacks.state import Member, State
from ops.system import HOST, current

KIND = "compose"


def plan(up_options: UpOptions, written: State | None, running: Collection[str], kind: str = KIND) -> State:
    """The state to be; what runs keeps its port, unless another is asked for. Raises StackNotReady for a taken one."""
    before = written if current().gateway.name in running else None
    front = _front(up_options, before, ports.free(1)[0])
    return State(
        stack=kind,
        url=f"http://{HOST}:{front}",
        database=current().database,
        members=_members(before, front, up_options.replicas(written)),
        ephemeral=up_options.ephemeral,
        environment=dict(up_options.environment),
        restarting=written.restarting if written else "",
    )


def _front(up_options: UpOptions, before: State | None, spare: int) -> int:
    if before and up_options.port in (None, 0, before.gateway.port):
        return before.gateway.port
    return ports.choose(up_options.port, ports.PREFERRED, spare)


def _members(before: State | None, port: int, scale: Mapping[str, int]) -> list[Member]:
    known = {member.part: member for member in before.members} if before else {}
    services = [
        known.get(Part(one.name, number)) or Member(name=one.name, replica=number, port=one.port or 0)
        for one in current().services
        for number in range(1, scale.get(one.name, 1) + 1)
    ]
    front = known.get(Part(current().gateway.name)) or Member(name=current().gateway.name, port=port)
    return [*services, front.model_copy(update={"port": port})]
