"""A new version of a service on containers: beside the old one, which stays, stopped, until it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.errors import StackNotReady
from ops.progress import Progress
from ops.stacks.compose import awaiting, containers, images
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.project import Project
from ops.stacks.compose.ready import ContainerCheck
from ops.stacks.layout import Layout
from ops.stacks.model import Rollout
from ops.stacks.parts import Part
from ops.stacks.state import State
from ops.system import Service, current


@dataclass(frozen=True)
class ComposeRollout(Rollout):
    """Of `service` in the stack of that layout, which is up and has that state."""

    service: Service
    containers: Containers
    project: Project
    layout: Layout
    state: State
    progress: Progress
    _old: list[Any] = field(default_factory=list)
    _new: list[Any] = field(default_factory=list)
    _ready: list[ContainerCheck] = field(default_factory=list)

    def prepare(self) -> None:
        """Its image is built, if it has one of its own; then its jobs run. From now on it is `restarting`."""
        self.project.end_calls()
        self.project.config()
        if self.service.is_built:
            images.build(self.project, self.containers.client, self.layout, self.progress, self.service.name)
        for job in current().jobs:
            if job.name in self.service.after:
                self._do(job)
        self._note(self.service.name)

    def replace(self, part: Part) -> None:
        """A `single` one ends before the new one starts."""
        old = next(one for one in self.containers.of(part.service) if containers.number(one) == part.replica)
        new = self._made()
        self._old.append(old)
        if self.service.single:
            self._stop(old)
        new.start()
        self._ready.extend(self._await_ready([new]))
        if not self.service.single:
            self._stop(old)

    def put_back(self) -> None:
        """The old ones go on, in the containers that they had, and the new ones are removed."""
        if self.service.single:
            self._remove_new()
        for one in self._old:
            one.start()
        self._await_ready(self._old)
        self._remove_new()
        self._note("")

    def finish(self) -> None:
        """The old ones are removed, and so is their image if nothing else has it."""
        for one in self._old:
            one.remove()
        containers.forget_replaced(self.containers.client, self.project.builder)
        others = [one for one in self.state.members if one.name != self.service.name]
        self.state.members = [*others, *(awaiting.member(self.state, one) for one in self._ready)]
        self._note("")

    def _note(self, restarting: str) -> None:
        self.state.restarting = restarting
        self.state.save(self.layout.state)

    def _do(self, job: Service) -> None:
        self.project.up("--no-deps", job.name)
        (container,) = self.containers.of(job.name)
        if code := container.wait()["StatusCode"]:
            raise StackNotReady(f"{job.name} ended with {code}", containers.last_lines(container))
        self.progress.say(f"{job.name} is done", "dim")

    def _made(self) -> Any:
        """A new container that Compose does not start: it would start those that are stopped, too."""
        there = self.containers.of(self.service.name)
        scale = f"{self.service.name}={len(there) + 1}"
        self.project.up("--no-start", "--no-deps", "--no-recreate", "--scale", scale, self.service.name)
        known = {one.id for one in there}
        (new,) = (one for one in self.containers.of(self.service.name) if one.id not in known)
        self._new.append(new)
        return new

    def _stop(self, container: Any) -> None:
        """As `docker stop`: SIGTERM, it drains."""
        container.stop()
        self.progress.say(f"{containers.part(container)} has ended", "dim")

    def _await_ready(self, found: Sequence[Any]) -> Sequence[ContainerCheck]:
        for one in found:
            one.reload()
        return awaiting.wait(found, self.layout, self.state, self.progress)

    def _remove_new(self) -> None:
        while self._new:
            one = self._new.pop()
            one.stop()
            one.remove()
