"""What every stack of ours has in common: a folder, and in it what it wrote down when it came up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from ops.errors import StackNotReady, WrongUsage
from ops.stacks.layout import PATIENCE, Layout
from ops.stacks.state import State
from ops.system import System


class BaseStack(ABC):
    """A stack that lives in a folder; `ABILITIES` is what can be done to its kind."""

    ABILITIES: ClassVar[frozenset[str]] = frozenset(
        {"exec", "logs", "gateway-config", "kill", "pause", "usage", "writable-secrets"}
    )

    def __init__(self, layout: Layout, environment: Mapping[str, str], system: System) -> None:
        self.layout = layout
        self.system = system
        self._environment = dict(environment)

    @property
    def name(self) -> str:
        """The stack's name, unique in this checkout."""
        return self.layout.name

    @property
    def base_url(self) -> str:
        """Its gateway's address; empty while it is not up."""
        state = self.state
        return state.url if state else ""

    @property
    def directory(self) -> Path:
        """Its folder, which need not exist."""
        return self.layout.directory

    def held(self, patience: float = PATIENCE) -> AbstractContextManager[None]:
        """Be the only one who changes it. Raises WrongUsage while another does, after `patience` seconds."""
        return self.layout.held(patience)

    @property
    def state(self) -> State | None:
        """What was written down when it came up."""
        return State.read(self.layout.state)

    @property
    def _written(self) -> State:
        """The same. Raises StackNotReady when it is not up."""
        if (state := self.state) is None:
            raise StackNotReady(f"there is no stack {self.name}")
        return state

    @property
    def capabilities(self) -> frozenset[str]:
        """What scenarios may ask of this stack: its links can be made faulty while they go through the proxy; what its
        database is, and which services have replicas, counts, too.
        """
        state = self.state
        if state is None:
            return self.ABILITIES
        own = {state.database or "", *(f"replicas.{name}" for name in state.scale)} - {""}
        return self.ABILITIES | own | ({"wire-faults"} if state.links else set())

    def _write_server(self, url: str | None) -> None:
        """Keep it for those that make databases there, also with another user or password.

        Raises WrongUsage where it is needed and not known, or where the data is elsewhere.
        """
        file = self.layout.server
        if url and file.exists() and _place(url) != _place(file.read_text(encoding="utf-8")):
            raise WrongUsage(
                f"the stack {self.name!r} has its data on another server; take it down first, or use --name"
            )
        if url:
            file.parent.mkdir(mode=0o700, exist_ok=True)
            file.write_text(url, encoding="utf-8")
            file.chmod(0o644)  # for the user of a container
        elif self.system.is_elsewhere and not file.exists():
            raise WrongUsage(
                f"{self.system.database} names no server: --database {self.system.database}USER:PASSWORD@HOST"
            )

    def clear(self) -> None:
        """Remove all of it but the hold on its folder. Raises CleanupFailed when something is left."""
        self._remove(self.layout.clear)

    def down(self) -> None:
        """Remove all of it. Raises CleanupFailed when something is left."""
        self._remove(self.layout.remove)

    @abstractmethod
    def _remove(self, remove: Callable[[], None]) -> None:
        """End and remove what it has elsewhere, and its folder by `remove`."""

    def keep(self) -> None:
        """Let it stay when its run is over."""
        if state := self.state:
            state.model_copy(update={"kept": True}).save(self.layout.state)


def _place(url: str) -> str:
    """All of it but who asks there."""
    return url.partition("://")[2].rpartition("@")[2]
