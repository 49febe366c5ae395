"""A stack that `docker compose up` started: found by its project's name, looked at and broken, never taken down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.errors import StackNotReady, WrongUsage
from ops.progress import Progress
from ops.provision.docker import NoEngine
from ops.stacks.compose import containers, follower
from ops.stacks.compose.plan import KIND
from ops.stacks.compose.project import SILENT, Project
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.state import Member, State
from ops.system import HOST, System, current


class AdoptedStack(ComposeStack):
    """The project whose name is that of `layout`; nothing of it is written down, so its state is looked up."""

    @property
    def state(self) -> State | None:
        """As the engine has it; None when no container of the gateway runs."""
        found = self.containers.all()
        front = next((one for one in found if containers.service(one) == self.system.gateway.name), None)
        address = _published(front, self.system.gateway.port) if front else None
        if address is None:
            return None
        host, port = address
        members = [Member(name=one.name, port=one.port or 0) for one in self.system.services]
        members.append(Member(name=self.system.gateway.name, port=port))
        return State(stack=KIND, url=f"http://{host}:{port}", members=members)

    def project(self, port: int = 0, progress: Progress = SILENT) -> Project:
        """The one of that name, as its own Compose file has it."""
        return Project(self._engine.docker, self.layout, self.system, port, progress, is_adopted=True)

    def log_files(self) -> Sequence[Path]:
        """What its containers wrote until now, copied below its folder."""
        files = [follower.file_of(self.layout.logs, one) for one in self.containers.all()]
        for file, container in zip(files, self.containers.all(), strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(container.logs())
        return files

    def stop(self) -> None:
        raise self._foreign()

    def clear(self) -> None:
        raise self._foreign()

    def down(self) -> None:
        raise self._foreign()

    def _foreign(self) -> WrongUsage:
        return WrongUsage(f"docker compose started {self.name}: docker compose --project-name {self.name} down ends it")


def find(place: Layout, environment: Mapping[str, str], system: System | None = None) -> AdoptedStack | None:
    """The project of that name, if this machine's engine runs one of the system's services in it."""
    stack = AdoptedStack(place, environment, system or current())
    try:
        return stack if stack.state else None
    except (NoEngine, StackNotReady):
        return None


def _published(container: Any, port: int | None) -> tuple[str, int] | None:
    """Where the port of the container is reached from here."""
    bound = container.attrs["NetworkSettings"]["Ports"].get(f"{port}/tcp") or []
    if not bound:
        return None
    host = str(bound[0]["HostIp"])
    return (HOST if host in ("", "0.0.0.0", "::") else host), int(bound[0]["HostPort"])  # noqa: S104  # not bound here
