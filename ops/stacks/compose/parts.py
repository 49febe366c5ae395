"""The services of a Compose stack as parts that can be broken: containers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops.errors import StackNotReady
from ops.faults.errors import NotProven
from ops.stacks import usage
from ops.stacks.compose import containers, ready
from ops.stacks.compose.condition import STATES
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.project import Project
from ops.stacks.compose.proxies import Proxies
from ops.stacks.parts import Observation, Part
from ops.stacks.usage import Usage
from ops.system import current

KILLED = 137
"""The exit code of what SIGKILL ended."""


class ComposeParts:
    """The containers there are; one that was removed meanwhile is `absent`."""

    def __init__(self, found: Containers, project: Project, proxies: Proxies) -> None:
        self._containers = found
        self._proxies = proxies
        self._project = project

    def all(self) -> Sequence[Part]:
        """Each replica of each service, ended or not; of a service without any, the first that there should be."""
        found = [containers.part(one) for one in self._containers.all() if containers.service(one) in current().names]
        return found + [Part(name) for name in current().names if name not in {part.service for part in found}]

    def see(self, part: Part) -> Observation:
        """Its container, by its ID and the time of its last start."""
        container = self._find(part)
        if container is None:
            return Observation("absent")
        started = str(container.attrs["State"]["StartedAt"])
        return Observation(STATES.get(container.status, "stopped"), f"{container.id} {started}", str(container.id))

    def usage(self, part: Part) -> Usage:
        """That of its container's first process, as that sees itself: the engine may be on another machine."""
        done = containers.inside(self._project.docker, self._there(part), ["cat", *usage.PROC])
        try:
            return usage.of_proc(done.stdout)
        except ValueError as error:
            raise StackNotReady(f"{part} does not tell what it uses: {done.stderr.strip() or error}") from error

    def answers(self, part: Part) -> bool:
        """Asked at its own address, or from inside."""
        container = self._find(part)
        return container is not None and container.status == "running" and ready.answers(container)

    def last_lines(self, part: Part) -> list[str]:
        """Of its container."""
        container = self._find(part)
        return containers.last_lines(container) if container else []

    def stop(self, part: Part) -> None:
        """As `docker stop`: SIGTERM, it drains."""
        container = self._there(part)
        with self._proxies.keeping(container):
            container.stop()

    def kill(self, part: Part) -> None:
        """As `docker kill`: SIGKILL, and the engine does not start it again. Raises NotProven if it ended otherwise."""
        container = self._there(part)
        with self._proxies.keeping(container):
            container.kill()
        code = container.wait()["StatusCode"]
        if code != KILLED:
            raise NotProven(f"{part} was killed, but it ended with {code}, not with {KILLED} as what SIGKILL ends")

    def pause(self, part: Part) -> None:
        """The engine freezes it. Raises NotProven if it cannot."""
        containers.freeze(self._there(part))

    def resume(self, part: Part) -> None:
        """It goes on."""
        self._there(part).unpause()

    def start(self, part: Part) -> None:
        """The same container, or a new one where it was removed; it may get another address."""
        if container := self._find(part):
            container.start()
            self._proxies.renew(container)
        else:
            count = len(self._containers.of(part.service)) + 1
            self._project.up("--no-deps", "--no-recreate", "--scale", f"{part.service}={count}", part.service)

    def recreate(self, part: Part) -> Part:
        """Removed, and a new one made by Compose."""
        old = {one.id for one in self._containers.of(part.service)}
        container = self._there(part)
        with self._proxies.keeping(container):
            container.stop()
        container.remove()
        self._project.up("--no-deps", "--no-recreate", "--scale", f"{part.service}={len(old)}", part.service)
        new = next(one for one in self._containers.of(part.service) if one.id not in old)
        self._proxies.renew(new, before=container.id)
        return containers.part(new)

    def _find(self, part: Part) -> Any | None:
        replicas = self._containers.of(part.service)
        return next((one for one in replicas if containers.number(one) == part.replica), None)

    def _there(self, part: Part) -> Any:
        container = self._find(part)
        if container is None:
            raise StackNotReady(f"{part} has no container any more")
        return container
