"""What a project has on the engine, found by its label and by nothing that somebody would have had to write down."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container
from docker.models.volumes import Volume

from ops.errors import CleanupFailed
from ops.eventually import eventually
from ops.faults.errors import NotProven
from ops.provision.docker import Docker
from ops.stacks.compose.labels import CALLER, NUMBER, ONE_OFF, PROJECT, SERVICE, TASK
from ops.stacks.parts import Part
from ops.stacks.readiness import LAST_LINES

WITHIN = 30.0
SETTLED = 60.0
"""Seconds after which a container that runs, though it is not healthy, was not just started again."""
CANNOT_FREEZE = "unable to freeze"
"""What runc says when a process came in while it froze a container: asking again is left to its caller (runc #4388)."""


def connect(host: str, patience: float | None = 60) -> DockerClient:
    """The engine at that address; no call waits longer than `patience` seconds for what comes next."""
    return DockerClient(base_url=host, version="auto", timeout=patience)


def forget_replaced(client: DockerClient, builder: str) -> None:
    """Remove the images that a newer build of the same tree took the name of; those in use stay.

    An engine removes for one at a time: while it does so for somebody else, they stay until the next build.
    """
    try:
        client.images.prune(filters={"dangling": True, "label": f"{PROJECT}={builder}"})
    except APIError as refused:
        if refused.status_code != HTTPStatus.CONFLICT:
            raise


class Containers:
    """The containers, networks and volumes of one project."""

    def __init__(self, client: DockerClient, project: str) -> None:
        self.client = client
        self.filters = {"label": f"{PROJECT}={project}"}

    def all(self) -> list[Any]:
        """Every container of a service, running or not, but those that Swarm has replaced; replicas in their order."""
        services = (one for one in self.writing() if CALLER not in one.labels)
        last = {(service(one), number(one)): one for one in sorted(services, key=lambda one: str(one.attrs["Created"]))}
        return [last[key] for key in sorted(last)]

    def writing(self) -> list[Any]:
        """Every container whose lines are worth keeping: the same, and the fault proxies; not those of one command."""
        found = self.client.containers.list(all=True, filters=self.filters, ignore_removed=True)
        return [one for one in found if SERVICE in one.labels and one.labels.get(ONE_OFF) != "True"]

    def of(self, name: str) -> list[Any]:
        """The replicas of one service."""
        return [container for container in self.all() if service(container) == name]

    def wake(self) -> None:
        """A paused container cannot be asked to end."""
        for container in self.all():
            if container.status == "paused":
                container.unpause()

    def stop(self) -> None:
        """Ask every container to end, all at the same time."""
        self.wake()
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda container: container.stop(), self.all()))

    def remove(self) -> None:
        """Remove everything. Raises CleanupFailed when something stays."""
        if not eventually(self._is_empty, WITHIN, every=0.1) and (remains := list(map(_name, self._remains()))):
            raise CleanupFailed(f"the engine still has {', '.join(remains)}")

    def _is_empty(self) -> bool:
        """Whether there was nothing; what was there is asked to go."""
        remains = list(self._remains())
        for one in remains:
            _remove(one)
        return not remains

    def _remains(self) -> Iterator[Any]:
        """Containers first: the rest cannot go before them."""
        yield from self.client.containers.list(all=True, filters=self.filters, ignore_removed=True)
        yield from self.client.networks.list(filters=self.filters)
        yield from self.client.volumes.list(filters=self.filters)


def service(container: Any) -> str:
    """The name of its service."""
    return str(container.labels[SERVICE])


def number(container: Any) -> int:
    """Which replica it is, from 1."""
    slot = container.labels.get(TASK, ".").split(".")[-2]
    return int(container.labels.get(NUMBER) or (slot if slot.isdecimal() else 1))


def part(container: Any) -> Part:
    """Which replica of which service."""
    return Part(service(container), number(container))


def moment(said: str) -> datetime:
    """A time of the engine's: Go writes up to nine digits of a second."""
    return datetime.fromisoformat(said[:26].rstrip("Z")).replace(tzinfo=UTC)


def age(container: Any) -> float:
    """Seconds since it was started."""
    return (datetime.now(UTC) - moment(container.attrs["State"]["StartedAt"])).total_seconds()


def goes_on(container: Any) -> bool:
    """Whether it runs, and is none that ends again and again, started anew by the engine and never healthy."""
    if container.status != "running":
        return False
    health = container.attrs["State"].get("Health", {}).get("Status", "healthy")
    return health == "healthy" or not container.attrs["RestartCount"] or age(container) > SETTLED


def address(container: Any) -> str | None:
    """One of its IP addresses, each of which can be asked from here; None while it has none."""
    networks = container.attrs["NetworkSettings"]["Networks"]
    found = [network["IPAddress"] for name, network in sorted(networks.items()) if network["IPAddress"]]
    return str(found[0]) if found else None


def inside(docker: Docker, container: Any, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """A command in it, by the `docker` program: docker-py's exec_run may lose the beginning of what is said (#3332)."""
    return docker.run(["exec", container.id, *command])


def version(docker: Docker, container: Any, command: str) -> str:
    """What a program in it says when it is asked for its version."""
    done = inside(docker, container, command.split())
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else "unknown"


def freeze(container: Any, within: float = 5.0) -> None:
    """As `docker pause`, asked again while a process that comes in, such as its health check, is in the way.

    Raises NotProven when one still is after `within` seconds, docker.errors.APIError for any other refusal.
    """
    whys: list[str] = []

    def is_frozen() -> bool:
        try:
            container.pause()
        except APIError as refused:
            if CANNOT_FREEZE not in str(refused):
                raise
            whys.append(refused.explanation)
            return False
        return True

    if not eventually(is_frozen, within, every=0.1):
        raise NotProven(f"{container.name} is not frozen within {within:g} s: {whys[-1]}")


def last_lines(container: Any, count: int = LAST_LINES) -> list[str]:
    """The end of what it wrote."""
    return str(container.logs(tail=count).decode(errors="replace")).splitlines()


def _remove(one: Any) -> None:
    """Gone meanwhile, or still in use by what goes first: the next look tells."""
    options = {Container: {"force": True, "v": True}, Volume: {"force": True}}
    with contextlib.suppress(APIError):
        one.remove(**options.get(type(one), {}))


def _name(one: Any) -> str:
    return str(one.attrs.get("Name", one.id)).lstrip("/")
