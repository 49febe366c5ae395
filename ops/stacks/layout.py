"""Where a stack keeps its things: one folder `.ops/<name>`, gone after `down`."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.errors import StackNotReady, WrongUsage
from ops.eventually import eventually
from ops.stacks.parts import Part
from ops.system import HARNESS, current

ROOT = HARNESS
OPS = current().root / ".ops"
RUNS = "runs"
PATIENCE = 2.0
"""Seconds to wait for a stack that somebody else holds: a look at it takes an instant, a run much longer."""

NAME = re.compile(rf"(?!{RUNS}$)[a-z0-9][a-z0-9_-]{{0,62}}")


@dataclass(frozen=True)
class Layout:
    """The paths of one stack. Raises WrongUsage for a name that cannot be one."""

    name: str
    home: Path = OPS

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            rule = f"1 to 63 of a-z, 0-9, _ and -, no _ or - first, and not {RUNS!r}"
            raise WrongUsage(f"{self.name!r} is no stack name: {rule}")

    @property
    def directory(self) -> Path:
        """All of the stack."""
        return self.home / self.name

    @property
    def data(self) -> Path:
        """A folder for each volume of the Compose file."""
        return self.directory / "data"

    @property
    def logs(self) -> Path:
        """A file for each replica: `<service>.log`, `<service>.2.log`."""
        return self.directory / "logs"

    def log(self, part: Part) -> Path:
        """Of one replica."""
        return self.logs / f"{part}.log"

    @property
    def server(self) -> Path:
        """The URL of the server that exists, where the data are on one: in a folder that nobody else can enter."""
        return self.directory / "secrets" / "server"

    @property
    def gateway(self) -> Path:
        """The rendered gateway configuration; nginx's prefix."""
        return self.directory / "gateway"

    @property
    def state(self) -> Path:
        """What is running, as JSON."""
        return self.directory / "state.json"

    def require_ours(self) -> None:
        """Raises StackNotReady for a stack of another user: its processes and files cannot be seen from here."""
        us = os.geteuid()
        with contextlib.suppress(FileNotFoundError):
            if us not in (0, owner := self.directory.stat().st_uid):
                raise StackNotReady(f"the stack {self.name!r} belongs to {_user(owner)}: call this as {_user(owner)}")

    def make(self) -> None:
        """Create the folders; what is there stays."""
        for folder in (self.data, self.logs, self.gateway):
            folder.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Delete what is in the stack's folder; the folder itself stays, and so does our hold on it."""
        for child in self.directory.iterdir():
            if child.is_dir():
                shutil.rmtree(child, ignore_errors=True)
            else:
                child.unlink()

    def remove(self) -> None:
        """Delete the stack's folder, and `.ops` itself when nothing else is in it."""
        shutil.rmtree(self.directory, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.home.rmdir()

    @contextlib.contextmanager
    def held(self, patience: float = PATIENCE) -> Iterator[None]:
        """Be the only one who changes this stack. Raises WrongUsage while another does, after `patience` seconds."""
        handle = eventually(self._grasp, patience)
        if handle is None:
            raise WrongUsage(f"another ops call works on the stack {self.name!r}; try again, or use --name")
        try:
            yield
        finally:
            os.close(handle)

    def _grasp(self) -> int | None:
        """A locked handle on the folder that is there now: somebody may remove it while we take hold of it."""
        with contextlib.suppress(FileNotFoundError, FileExistsError):
            self.directory.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.directory, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(handle), self.directory.stat()):
                    return handle
            except (BlockingIOError, FileNotFoundError):
                pass
            os.close(handle)
        return None


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def names(home: Path = OPS) -> list[str]:
    """The names of all stacks that have a folder."""
    folders = home.iterdir() if home.exists() else ()
    return sorted(folder.name for folder in folders if folder.is_dir() and folder.name != RUNS)
