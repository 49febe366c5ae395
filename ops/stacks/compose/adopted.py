"""A stack that `docker compose up` started: looked at and broken, never taken down."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from docker.errors import NotFound

from ops.errors import WrongUsage
from ops.progress import Progress
from ops.replacing import replace
from ops.stacks.compose import containers, follower
from ops.stacks.compose.engine import answering
from ops.stacks.compose.labels import FILES, FOLDER, SETTINGS
from ops.stacks.compose.plan import KIND
from ops.stacks.compose.project import SILENT, Project
from ops.stacks.compose.rollout import ComposeRollout
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.model import Stack
from ops.stacks.state import Member, State
from ops.system import HOST, System, read


class AdoptedStack(ComposeStack):
    """The project whose name is that of `layout`; nothing of it is written down, so its state is looked up.

    `labels` are those that Compose gave its containers.
    """

    def __init__(
        self, layout: Layout, environment: Mapping[str, str], system: System, labels: Mapping[str, str]
    ) -> None:
        super().__init__(layout, environment, system)
        files = [word for file in labels[FILES].split(",") for word in ("--file", file)]
        settings = [word for file in labels[SETTINGS].split(",") if file for word in ("--env-file", file)]
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
        parts = [containers.part(one) for one in found if containers.service(one) in self.system.names]
        members = [Member(name=part.service, replica=part.replica, port=0) for part in parts]
        members.append(Member(name=self.system.gateway.name, port=port))
        return State(stack=KIND, url=f"http://{host}:{port}", database=self.system.database, members=members)

    def project(self, port: int = 0, progress: Progress = SILENT) -> Project:
        """The one of that name, as its own Compose files have it."""
        return Project(self._engine.docker, self.layout, self.system, port, progress, self._options)

    def log_files(self) -> Sequence[Path]:
        """What its containers and fault proxies have written, copied below its folder; also of those that are gone."""
        for container in self.containers.writing():
            with contextlib.suppress(NotFound):
                file = follower.file_of(self.layout.logs, container)
                file.parent.mkdir(parents=True, exist_ok=True)
                replace(file, container.logs())
        return super().log_files()

    def rollout(self, service: str, progress: Progress) -> ComposeRollout:
        by_hand = f"docker compose --project-name {self.name} up --build --detach --no-deps {service}"
        raise WrongUsage(f"docker compose started {self.name}: {by_hand} replaces its container")

    def stop(self) -> None:
        raise self._foreign()

    def _remove(self, remove: Callable[[], None]) -> None:
        raise self._foreign()

    def _foreign(self) -> WrongUsage:
        return WrongUsage(f"docker compose started {self.name}: docker compose --project-name {self.name} down ends it")


def running(
    projects: Mapping[str, Mapping[str, str]], system: System, environment: Mapping[str, str], home: Path
) -> list[Stack]:
    """Those of these projects, each by its name with the labels of its gateway, that run. Raises NoEngine."""
    stacks = [
        AdoptedStack(Layout(name, home), environment, _as_it_is(system, labels), labels)
        for name, labels in projects.items()
    ]
    with answering():
        return [stack for stack in stacks if stack.state]


def _as_it_is(system: System, labels: Mapping[str, str]) -> System:
    """With the database whose file Compose was given."""
    given = {Path(file).resolve() for file in labels[FILES].split(",")}
    return next((read(system.file, name) for name, file in system.databases.items() if file in given), system)


def _published(container: Any, port: int | None) -> tuple[str, int] | None:
    """Where the port of the container is reached from here."""
    bound = container.attrs["NetworkSettings"]["Ports"].get(f"{port}/tcp") or []
    if not bound:
        return None
    host = str(bound[0]["HostIp"])
    return (HOST if host in ("", "0.0.0.0", "::") else host), int(bound[0]["HostPort"])  # noqa: S104  # not bound here
