"""What a stack is to the rest of the harness: its services' states, its capabilities, and the operations on it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

ServiceState = Literal["running", "stopped", "paused", "absent"]
StackState = Literal["ready", "degraded", "down"]


@dataclass(frozen=True)
class ServiceStatus:
    """One replica of a service (or the gateway); `ready_ms` from its start to its first ready answer."""

    name: str
    replica: int
    state: ServiceState
    pid: int | None = None
    container: str | None = None
    address: str | None = None
    ready_ms: int | None = None

    def document(self) -> dict[str, Any]:
        """The service as `status --json` shows it."""
        fields = asdict(self)
        fields["readyMs"] = fields.pop("ready_ms")
        return fields


@dataclass(frozen=True)
class StackStatus:
    """A stack as a whole; the gateway is one of the services."""

    name: str
    stack: str
    url: str | None
    state: StackState
    database: str | None
    directory: str | None
    services: tuple[ServiceStatus, ...] = ()

    def document(self) -> dict[str, Any]:
        """The object that `status --json` prints."""
        return {**asdict(self), "services": [service.document() for service in self.services]}


class Stack(Protocol):
    """A running stack, whatever it is made of."""

    @property
    def name(self) -> str:
        """The stack's name, unique in this checkout."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What can be done to it; scenarios ask by `@needs.<capability>`."""

    def status(self) -> StackStatus:
        """Its services as they are now."""

    def log_files(self) -> Sequence[Path]:
        """The services' log files and the gateway's access log."""

    def command(self, service: str, arguments: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of a service's own commands beside it, with its settings and `given` on standard input."""

    def down(self) -> None:
        """Remove all of it. Raises CleanupFailed when something is left."""
