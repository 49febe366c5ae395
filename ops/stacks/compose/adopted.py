"""A stack that `docker compose up` started: found by its project's name, looked at and broken, never taken down."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docker.errors import NotFound

from ops.errors import WrongUsage
from ops.progress import Progress
from ops.stacks.compose import containers, follower
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.engine import Engine, answering
from ops.stacks.compose.plan import KIND
from ops.stacks.compose.project import SILENT, Project
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.state import Member, State
from ops.system import HOST, System, current

PATIENCE = 5.0
"""Seconds that the engine has to say whether there is one."""

FILES, FOLDER = "com.docker.compose.project.config_files", "com.docker.compose.project.working_dir"
SETTINGS = "com.docker.compose.project.environment_file"


class AdoptedStack(ComposeStack):
    """The project whose name is that of `layout`; nothing of it is written down, so its state is looked up.

    `labels` are those that Compose gave its containers.
    """

    def __init__(
        self, layout: Layout, environment: Mapping[str, str], system: System, labels: Mapping[str, str]
    ) -> None:
        super().__init__(layout, environment, system)
        files = [word for file in labels[FILES].split(",") for word in ("--file", file)]
        settings = [word for file in labels.get(SETTINGS, "").split(",") if file for word in ("--env-file", file)]
        self._options = ["--project-directory", labels[FOLDER], *files, *settings]

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
        """The one of that name, as its own Compose files have it."""
        return Project(self._engine.docker, self.layout, self.system, port, progress, self._options)

    def log_files(self) -> Sequence[Path]:
        """What its containers and fault proxies have written, copied below its folder; also of those that are gone."""
        for container in self.containers.writing():
            with contextlib.suppress(NotFound):
                _replace(follower.file_of(self.layout.logs, container), container.logs())
        return super().log_files()

    def stop(self) -> None:
        raise self._foreign()

    def clear(self) -> None:
        raise self._foreign()

    def down(self) -> None:
        raise self._foreign()

    def _foreign(self) -> WrongUsage:
        return WrongUsage(f"docker compose started {self.name}: docker compose --project-name {self.name} down ends it")


def find(place: Layout, environment: Mapping[str, str], system: System | None = None) -> AdoptedStack | None:
    """The project of that name, if this machine's engine runs this system in it. Raises NoEngine."""
    system = system or current()
    with answering():
        gateways = Containers(Engine.reached(environment, PATIENCE).client, place.name).of(system.gateway.name)
        ours = [one.labels for one in gateways if _is_of(one.labels, system)]
        stack = AdoptedStack(place, environment, system, ours[0]) if ours else None
        return stack if stack and stack.state else None


def _is_of(labels: Mapping[str, str], system: System) -> bool:
    """Whether Compose made it of this system's file, in this system's folder."""
    files = [Path(file).resolve() for file in labels.get(FILES, "").split(",")]
    return system.file in files and Path(labels.get(FOLDER, "")).resolve() == system.root


def _replace(file: Path, content: bytes) -> None:
    """In one step: other processes read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(file)


def _published(container: Any, port: int | None) -> tuple[str, int] | None:
    """Where the port of the container is reached from here."""
    bound = container.attrs["NetworkSettings"]["Ports"].get(f"{port}/tcp") or []
    if not bound:
        return None
    host = str(bound[0]["HostIp"])
    return (HOST if host in ("", "0.0.0.0", "::") else host), int(bound[0]["HostPort"])  # noqa: S104  # not bound here
