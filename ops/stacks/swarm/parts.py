"""The services of a Swarm stack as parts that can be broken: containers of this node, each of which Swarm replaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops.errors import StackNotReady
from ops.eventually import eventually
from ops.stacks.compose import containers
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.parts import ComposeParts
from ops.stacks.compose.proxies import Proxies
from ops.stacks.parts import Observation, Part
from ops.stacks.swarm.project import SwarmProject
from ops.system import current

WITHIN = 20.0
"""Seconds that Swarm has to make a container."""


class SwarmParts(ComposeParts):
    """To stay away, a part needs Swarm to want one replica less; it comes back as another container."""

    def __init__(self, found: Containers, project: SwarmProject, proxies: Proxies) -> None:
        super().__init__(found, project, proxies)
        self._services = project.services
        self._cluster = project.cluster
        self._gone: dict[Part, Any] = {}

    def all(self) -> Sequence[Part]:
        """As many replicas of each service as it was deployed with, and any that there are besides."""
        wanted = [Part(name, number + 1) for name in current().names for number in range(self._wanted(name))]
        found = [part for part in map(containers.part, self._containers.all()) if part.service in current().names]
        return sorted({*wanted, *found}, key=lambda part: (part.service, part.replica))

    def see(self, part: Part) -> Observation:
        """Swarm removes what has ended."""
        seen = super().see(part)
        return Observation("stopped") if seen.state == "absent" else seen

    def stop(self, part: Part) -> None:
        """Swarm asks it to end and wants one less."""
        container = self._there(part)
        with self._proxies.keeping(container):
            self._forgo(part)
            eventually(lambda: self.see(part).state == "stopped", WITHIN)
        self._gone[part] = container

    def kill(self, part: Part) -> None:
        """SIGKILL, and Swarm wants one less before it has replaced it. Raises NotProven if it ended otherwise."""
        self._gone[part] = self._there(part)
        super().kill(part)
        self._forgo(part)

    def start(self, part: Part) -> None:
        """Swarm wants one more again, and no more than it was deployed with."""
        wanted = min(self._cluster.replicas(part.service) + 1, self._wanted(part.service))
        self._cluster.scale(part.service, wanted)
        self._renewed(part, self._gone.pop(part, None))

    def recreate(self, part: Part) -> Part:
        """Swarm replaces what has ended."""
        container = self._there(part)
        with self._proxies.keeping(container):
            container.stop()
        self._renewed(part, container)
        return part

    def _there(self, part: Part) -> Any:
        container = self._find(part)
        if container is None:
            raise StackNotReady(f"{part} has no container on this node")
        return container

    def _wanted(self, name: str) -> int:
        return int(self._services.get(name, {}).get("deploy", {}).get("replicas", 1))

    def _forgo(self, part: Part) -> None:
        self._cluster.scale(part.service, self._cluster.replicas(part.service) - 1)

    def _renewed(self, part: Part, before: Any | None) -> None:
        """Return when another container runs there, with the faults on its links. Raises StackNotReady."""
        old = before.id if before else ""
        new = eventually(lambda: self._running(part, old), WITHIN)
        if new is None:
            raise StackNotReady(f"Swarm makes no container for {part} within {WITHIN:.0f} s")
        self._proxies.renew(new, before=old or None)

    def _running(self, part: Part, old: str) -> Any | None:
        container = self._find(part)
        return container if container and container.status == "running" and container.id != old else None
