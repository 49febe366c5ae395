"""When a container counts as ready: it is asked at its own address, or from inside where that cannot be reached."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.errors import APIError

from ops.stacks import probes, readiness
from ops.stacks.compose import containers, labels
from ops.system import current

OK = frozenset({200})


@dataclass
class ContainerCheck(readiness.Check):
    """Where the engine is a virtual machine, its networks cannot be reached: the health check is then run inside."""

    container: Any = None
    inside: bool = False

    def ask(self) -> None:
        """Ask once; note the time when it holds."""
        if not self.inside:
            super().ask()
            self.inside = self.last == readiness.UNREACHABLE
            return
        self.last = "its health check fails"
        if is_healthy(self.container):
            self.ready_ms = round((time.monotonic() - self.since) * 1000)


def check(container: Any, address: str | None, log: Path) -> ContainerCheck:
    """The check of one started container, which says at `address`, or by its health check, that it is ready."""
    name = f"{containers.service(container)}.{containers.number(container)}"
    since, restarts = _started(container), container.attrs["RestartCount"]
    return ContainerCheck(
        *(name, address or "", OK, lambda: lives(container, restarts), log),
        since=since,
        container=container,
        inside=address is None,
    )


def url(container: Any) -> str | None:
    """Where the service says whether it is ready; None where only its health check does, as on a network of Swarm."""
    service = current().part(containers.service(container))
    if (
        service.port is None
        or labels.TASK in container.labels
        or "Healthcheck" in container.attrs["Config"]
        and not service.ready
    ):
        return None
    return probes.address(containers.address(container) or "", service.port, service.ready)


def lives(container: Any, restarts: int) -> bool:
    """False once it ended, also when the engine has started it again meanwhile."""
    container.reload()
    return bool(container.status == "running" and container.attrs["RestartCount"] == restarts)


def answers(container: Any) -> bool:
    """True when the service is ready now."""
    where = url(container)
    return probes.answers(where) if where and probes.reaches(where) else is_healthy(container)


def is_healthy(container: Any) -> bool:
    """What the container's own health check says when it is run now; False for one that ends meanwhile."""
    test = container.attrs["Config"].get("Healthcheck", {}).get("Test", ["NONE"])
    try:
        return bool(container.status == "running" and (not test[1:] or _run(container, test)))
    except APIError:
        return False


def _run(container: Any, test: list[str]) -> bool:
    command = ["sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]
    return bool(container.exec_run(command).exit_code == 0)


def _started(container: Any) -> float:
    """On the monotonic clock."""
    return time.monotonic() - containers.age(container)
