"""What a stack wrote down about itself: `.ops/<name>/state.json`, replaced in one step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ValidationError

from ops.replacing import replace
from ops.stacks.parts import Part
from ops.system import Link, current

Ports: TypeAlias = Annotated[list[int], BeforeValidator(lambda ports: [ports] if isinstance(ports, int) else ports)]
"""States of before a peer had replicas have one number."""


class Member(BaseModel):
    """One process or container of the stack and the port that it listens on."""

    name: str
    replica: int = 1
    port: int
    pid: int | None = None
    ready_ms: int | None = None

    @property
    def part(self) -> Part:
        """Which replica it is."""
        return Part(self.name, self.replica)


class State(BaseModel):
    """A stack: its services with the gateway, the fault proxy when there is one, and the ports of its links: one for
    each replica of the peer.

    An `ephemeral` one came up for a run, and is to end with it unless it is `kept`. `environment` are the settings that
    were asked for when it came up; `program` runs its services, where that is not their own command. It is `unfinished`
    while its links change: not everybody goes the ways written here. `restarting` is the service whose containers are
    being replaced: old and new ones are there. `secret` is what the proxy's control asks for.
    """

    stack: str = "local"
    url: str
    database: str | None = None
    members: list[Member]
    links: dict[str, Ports] = {}
    control: int | None = None
    secret: str = ""
    unfinished: bool = False
    restarting: str = ""
    ephemeral: bool = False
    kept: bool = False
    environment: dict[str, str] = {}
    program: list[str] = []

    def member(self, name: str, replica: int | None = None) -> Member:
        """That replica of a service, or its first one. Raises StopIteration for an unknown name."""
        return next(one for one in self.members if one.name == name and replica in (None, one.replica))

    def replicas(self, name: str) -> Sequence[Member]:
        """All of one service."""
        return [member for member in self.members if member.name == name]

    @property
    def scale(self) -> dict[str, int]:
        """How many replicas each service has, of those that have more than one."""
        counted = Counter(member.name for member in self.members)
        return {name: count for name, count in counted.items() if count > 1}

    def has(self, name: str) -> bool:
        """Whether there is a service of that name here."""
        return any(member.name == name for member in self.members)

    @property
    def gateway(self) -> Member:
        """The gateway's process."""
        return self.member(current().gateway.name)

    def services(self) -> Sequence[Member]:
        """All but the gateway."""
        return [member for member in self.members if member.name != current().gateway.name]

    def goes(self, links: Sequence[Link]) -> bool:
        """Whether exactly these links go through the fault proxy, for everybody."""
        return not self.unfinished and sorted(self.links) == sorted(map(str, links))

    def save(self, file: Path) -> None:
        """Replace the file in one step; it has secrets."""
        replace(file, self.model_dump_json(indent=1).encode(), 0o600)

    @classmethod
    def read(cls, file: Path) -> State | None:
        """What the file holds, or None where there is none that can be read."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except (OSError, ValidationError):
            return None
