"""The Swarm stack: what is deployed on a cluster, on this machine's engine as its manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ops.errors import WrongUsage
from ops.progress import Progress
from ops.stacks import kinds
from ops.stacks.compose.project import SILENT
from ops.stacks.compose.rollout import ComposeRollout
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.model import ServiceStatus
from ops.stacks.state import State
from ops.stacks.swarm.parts import SwarmParts
from ops.stacks.swarm.project import SwarmProject
from ops.system import System, current


class SwarmStack(ComposeStack):
    """One stack of Swarm. Its containers on this node are looked at and broken as on Compose."""

    kind = kinds.SWARM
    ABILITIES = ComposeStack.ABILITIES - {"writable-secrets"}
    HEALTH_INTERVAL = None  # Swarm itself waits for the health checks

    def __init__(self, layout: Layout, environment: Mapping[str, str], system: System | None = None) -> None:
        super().__init__(layout, environment, _on_swarm(system or current()))

    @property
    def parts(self) -> SwarmParts:
        """Its services' containers on this node. Raises NoEngine."""
        return SwarmParts(self.containers, self.project(), self.proxies)

    def project(self, port: int = 0, progress: Progress = SILENT) -> SwarmProject:
        """The stack of Swarm that it is."""
        engine = self._engine
        return SwarmProject(engine.client, engine.docker, self.layout, self.system, port, progress)

    def rollout(self, service: str, progress: Progress) -> ComposeRollout:
        raise WrongUsage(f"Swarm replaces what has changed: python3 -m ops up --stack {self.kind} --name {self.name}")

    def _await_ready(self, state: State, progress: Progress) -> None:
        """Swarm has waited for the health checks; since when each holds stands in its task."""
        self.project().cluster.note_ready(self.containers.all(), state)
        state.save(self.layout.state)

    def _services(self, found: Sequence[Any], state: State | None) -> tuple[ServiceStatus, ...]:
        """Those of this node as containers, the others by what Swarm says; what it wants no replica of is `stopped`."""
        here = super()._services(found, state)
        if not (state and found):
            return here
        elsewhere = {name: self.project().cluster.elsewhere(name) for name in dict.fromkeys(one.name for one in here)}
        kept = [replace(one, state="stopped") if one.state == "absent" else one for one in here]
        return tuple(
            one
            for name, others in elsewhere.items()
            for one in ([own for own in kept if own.name == name and not (others and own.state == "stopped")] + others)
        )

    def stop(self) -> None:
        """End every container of the stack; data and logs stay."""
        self.project().end_calls()
        self.containers.wake()
        self.project().end()
        self._end_processes()


def _on_swarm(system: System) -> System:
    files: tuple[Path, ...] = (*system.files, system.swarm.file) if system.swarm else system.files
    return replace(system, files=files)
