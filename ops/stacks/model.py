"""What a stack is to the rest of the harness: its services' states, its capabilities, and the operations on it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from ops.checks import CheckResult
from ops.errors import StackNotReady
from ops.faults.proxy.control_client import Control
from ops.progress import Progress
from ops.stacks.layout import PATIENCE, Layout
from ops.stacks.parts import Part, Parts
from ops.stacks.parts import ServiceState as ServiceState
from ops.stacks.state import State
from ops.system import Link

StackState = Literal["ready", "degraded", "down"]


@dataclass(frozen=True)
class UpOptions:
    """What is asked of a stack that comes up; port None prefers 8080, 0 takes any free one.

    `environment` are settings for every service; one named `*_FILE` names a file of this machine. `program` is another
    implementation of the services, on a local stack alone: the command that runs a service when its name is added.
    `scale` is how many replicas a service has, else one; None leaves a stack that is up as it is.
    `server` is the URL of a database server that exists, with the password of somebody who may make databases there.
    """

    port: int | None = None
    links: tuple[Link, ...] = ()
    ephemeral: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    program: tuple[str, ...] = ()
    server: str | None = field(default=None, repr=False)
    scale: Mapping[str, int] | None = None

    def replicas(self, before: State | None) -> Mapping[str, int]:
        """How many a service is to have, of those that are to have more than one; `before` is the stack as it is up."""
        if self.scale is None:
            return before.scale if before else {}
        return {name: count for name, count in self.scale.items() if count > 1}


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

    @property
    def part(self) -> Part:
        """Which replica it is."""
        return Part(self.name, self.replica)

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

    def required_ready(self) -> StackStatus:
        """Itself. Raises StackNotReady when some part stopped being ready since it was asked."""
        if self.state != "ready":
            parts = ", ".join(f"{service.part} is {service.state}" for service in self.services)
            raise StackNotReady(f"{self.name} is {self.state} although every part was ready once: {parts}")
        return self

    def document(self) -> dict[str, Any]:
        """The object that `status --json` prints."""
        return {**asdict(self), "services": [service.document() for service in self.services]}


def overall_state(services: Sequence[ServiceStatus], all_answer: Callable[[], bool]) -> StackState:
    """Ready when all run, and then answer."""
    states = {service.state for service in services}
    if states == {"running"} and all_answer():
        return "ready"
    return "degraded" if states & {"running", "paused"} else "down"


class Rollout(Protocol):
    """The new version of one service of a stack, which is `held` meanwhile.

    The bodies here are those of a stack that keeps nothing of what it replaces.
    """

    def prepare(self) -> None:
        """All that touches no replica: its image, its jobs, a trial. Raises ConfigurationInvalid, StackNotReady."""

    def replace(self, part: Part) -> None:
        """Return when a new one is ready in its place. Raises StackNotReady."""

    def put_back(self) -> None:
        """Let those that were replaced, as far as they are still there, run again. Raises StackNotReady."""
        return

    def finish(self) -> None:
        """Forget those that were replaced."""
        return


class Stack(Protocol):
    """A stack of any kind. What changes it is to be called while it is `held`.

    The bodies here are those of a stack that has no capabilities: what needs one raises StackNotReady.
    """

    @property
    def name(self) -> str:
        """The stack's name, unique in this checkout."""

    @property
    def kind(self) -> str:
        """What it is made of, by the name that `--stack` has for it."""

    @property
    def base_url(self) -> str:
        """Its gateway's address; empty while it is not up."""

    def up(self, up_options: UpOptions, progress: Progress) -> StackStatus:
        """Bring it up and return when it is ready. Raises ConfigurationInvalid, StackNotReady."""

    def status(self) -> StackStatus:
        """Its services as they are now."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What can be done to it; scenarios ask by `@needs.<capability>`."""
        return frozenset()

    @property
    def state(self) -> State | None:
        """What was written down when it came up; None when it is not up, or not ours."""
        return None

    @property
    def directory(self) -> Path | None:
        """The folder of one that is brought up here, which need not exist."""
        return None

    @property
    def layout(self) -> Layout:
        """What is in its folder."""
        raise lacking(self)

    def held(self, patience: float = PATIENCE) -> AbstractContextManager[None]:
        """Be the only one who changes it. Raises WrongUsage while another does, after `patience` seconds."""
        return nullcontext()

    @property
    def parts(self) -> Parts:
        """The replicas of its services, to be broken one by one (`kill`, `pause`, `recreate`, `usage`)."""
        raise lacking(self)

    def rollout(self, service: str, progress: Progress) -> Rollout:
        """The new version of one of its services (`restart`). Raises WrongUsage for what is not replaced from here."""
        raise lacking(self)

    @property
    def link_control(self) -> Control | None:
        """The control of the links that go through a fault proxy; None where none does (`wire-faults`)."""
        raise lacking(self)

    def provide_link(self, link: Link, *, stay: bool) -> Control:
        """Let that link go through a fault proxy, which may have to `stay` when we are gone.

        No data and no accepted request is lost. Raises WrongUsage, StackNotReady.
        """
        raise lacking(self)

    def withdraw_proxy(self) -> None:
        """A stack that did not come up with a fault proxy loses it again. Raises StackNotReady."""
        return

    def withdraw_dead_proxy(self) -> None:
        """Let no link go through a proxy that does not answer any more. Raises StackNotReady."""
        return

    def exec(
        self, service: str, command: Sequence[str], given: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command where a service, or `cart.2`, runs, with its settings; ends when the command does (`exec`).

        With `given` on standard input what it says is kept, else input and output are ours. Raises StackNotReady.
        """
        raise lacking(self)

    def check_gateway(self) -> Sequence[CheckResult]:
        """What can be said of the configuration that its gateway runs with (`gateway-config`)."""
        raise lacking(self)

    def log_files(self) -> Sequence[Path]:
        """The services' log files and the gateway's access log, as far as they can be read from here (`logs`)."""
        return []

    def versions(self) -> Mapping[str, str]:
        """Of what it runs on besides our own libraries: nginx, and what else its kind needs, by name."""
        return {}

    def keep_evidence(self, folder: Path) -> None:
        """Write into `folder` what can only be known while the stack is there."""
        return

    def keep(self) -> None:
        """Let it stay when its run is over."""
        return

    def stop(self) -> None:
        """End everything that runs; data and logs stay."""
        return

    def clear(self) -> None:
        """Remove all of it but the hold on its folder. Raises CleanupFailed when something is left."""
        return

    def down(self) -> None:
        """Remove all of it. Raises CleanupFailed when something is left."""
        return


def lacking(stack: Stack) -> StackNotReady:
    """The error for a stack that has not the capability which something needs."""
    return StackNotReady(
        f"{stack.name} is known by its URL alone: this needs a stack that `ops up` or `docker compose up` started here"
    )
