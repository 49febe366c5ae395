"""A system and its parts, as the Compose file describes them."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from ops.errors import WrongUsage

HEALTHY = "service_healthy"
"""Compose's word for a service that is to be ready before another starts."""


def _argv(value: Any) -> Any:
    return shlex.split(value) if isinstance(value, str) else value


def _pairs(value: Any) -> Any:
    """Compose writes mappings as `name: value` or as a list of `name=value`, of which the value may be missing."""
    if isinstance(value, list):
        return {name: text if mark else None for name, mark, text in (str(one).partition("=") for one in value)}
    if isinstance(value, dict):
        return {name: str(one) if isinstance(one, int | float) else one for name, one in value.items()}
    return value


def _settings(value: Any) -> Any:
    """Those that have a value."""
    pairs = _pairs(value)
    return {name: one for name, one in pairs.items() if one is not None} if isinstance(pairs, dict) else pairs


def _in_folder(path: Path, info: ValidationInfo) -> Path:
    """Paths in a Compose file start in its folder, which is the context."""
    return info.context / path if info.context else path


Argv: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_argv)]
Pairs: TypeAlias = Annotated[dict[str, str | None], BeforeValidator(_pairs)]
Settings: TypeAlias = Annotated[dict[str, str], BeforeValidator(_settings)]
Place: TypeAlias = Annotated[Path, AfterValidator(_in_folder)]


class Described(BaseModel):
    """As it stands below `x-ops`: a key that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Link:
    """One direction between two services, written `caller:peer`."""

    caller: str
    peer: str

    def __str__(self) -> str:
        return f"{self.caller}:{self.peer}"


class Route(Described):
    """A path through the gateway that one service answers, and the status that a caller without a token gets there."""

    path: str
    status: int = 200


class Local(Described):
    """How a service runs without a container, as a process.

    `entrypoint` and `command` are argv; `environment` replaces settings of the container. `overlay` is a folder that is
    laid over a copy of the gateway's configuration; `prepare` is a command that runs before the service starts;
    `package` is what the machine has to have for it. `{service}`, `{host}`, `{port}`, `{data}`, `{directory}` and
    `{server}` stand for what the stack knows.
    """

    entrypoint: Argv = ()
    command: Argv | None = None
    environment: Settings = {}
    overlay: Place | None = None
    prepare: Argv = ()
    package: Literal["postgresql"] | None = None


@dataclass(frozen=True)
class Service:
    """One service of the Compose file.

    `port` is where it listens in its container, None if that is not said. `volumes` maps folders of the container to
    the names of its volumes. `calls` maps each peer to the setting that holds the peer's address, None where no setting
    does. `openapi` and `timeouts` are commands that print JSON; a gateway's `openapi` is a file. One that is
    of the `protocol` tcp speaks something else, as a database does. `after` has those that are to be there before it,
    and the condition in Compose's words. `undo` is the command of a job that takes back what it did
    outside the stack. `single` says why it has one replica at the most.
    """

    name: str
    port: int | None = None
    ready: str | None = None
    route: Route | None = None
    calls: Mapping[str, str | None] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    networks: tuple[str, ...] = ()
    image: str | None = None
    is_built: bool = False
    is_published: bool = False
    has_healthcheck: bool = False
    stop_grace: str | None = None
    stop_signal: int = signal.SIGTERM
    after: Mapping[str, str] = field(default_factory=dict)
    local: Local | None = None
    openapi: tuple[str, ...] = ()
    timeouts: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    nginx: Path | None = None
    routes: Path | None = None
    protocol: Literal["http", "tcp"] = "http"
    single: str | None = None

    @property
    def is_http(self) -> bool:
        """Whether it speaks HTTP."""
        return self.protocol == "http"


class Swarm(Described):
    """What makes a system one for Docker Swarm: the Compose file that is laid over it, the database that it needs."""

    file: Place
    database: str | None = None


@dataclass(frozen=True)
class System:
    """All of it. `services` are those that stay up behind `gateway`; `jobs` end before the others start.

    Paths that are not described are None; `load` is the command that says what `bench` loads.
    `logs` maps names of fields of log lines to those that the services have for them; `farewell` is the event of
    the last line of a service that was asked to end. `files` are the Compose file and those that are laid over it, as
    they are for its `database`; `databases` has the file of each other one that it can have. One that ends with `://`
    is on a server that exists, whose URL begins so.
    """

    file: Path
    name: str
    gateway: Service
    services: tuple[Service, ...]
    jobs: tuple[Service, ...] = ()
    volumes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    features: Path | None = None
    backlog: Path | None = None
    checklist: Path | None = None
    reference: Path | None = None
    load: tuple[str, ...] = ()
    logs: Mapping[str, str] = field(default_factory=dict)
    farewell: str | None = None
    files: tuple[Path, ...] = ()
    database: str | None = None
    databases: Mapping[str, Path] = field(default_factory=dict)
    swarm: Swarm | None = None

    @property
    def root(self) -> Path:
        """The folder of the Compose file; paths and commands in it start there."""
        return self.file.parent

    @property
    def names(self) -> tuple[str, ...]:
        """Of the services behind the gateway."""
        return tuple(service.name for service in self.services)

    @property
    def parts(self) -> tuple[Service, ...]:
        """All that stays up: the services, and the gateway last."""
        return (*self.services, self.gateway)

    def part(self, name: str) -> Service:
        """The service or gateway of that name. Raises WrongUsage for an unknown name."""
        for one in self.parts:
            if one.name == name:
                return one
        raise WrongUsage(f"there is no service {name!r}; there are {', '.join(one.name for one in self.parts)}")

    @property
    def is_elsewhere(self) -> bool:
        """Whether its data are on a server that exists, which is no part of it."""
        return (self.database or "").endswith("://")

    @property
    def undoing(self) -> tuple[Service, ...]:
        """The jobs that did something outside a stack, each with the command that takes it back."""
        return tuple(
            replace(job, command=job.undo, local=job.local and job.local.model_copy(update={"command": None}))
            for job in self.jobs
            if job.undo
        )

    @property
    def links(self) -> tuple[Link, ...]:
        """Who calls whom, the gateway's first."""
        callers = (self.gateway, *self.services)
        return tuple(Link(caller.name, peer) for caller in callers for peer in caller.calls)

    def link(self, text: str) -> Link:
        """The link that is written so. Raises WrongUsage when there is none."""
        for link in self.links:
            if str(link) == text:
                return link
        known = ", ".join(map(str, self.links)) or "none"
        raise WrongUsage(f"{text!r} is no link; there are {known} (x-ops: calls, docs/system.md)")

    def needs(self, link: Link) -> str:
        """The service whose answers to customers need that link."""
        return link.peer if link.caller == self.gateway.name else link.caller
