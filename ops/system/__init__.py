"""What the system is: its services, who calls whom, where each is ready. Read from its Compose file, once a process."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from ops.system.model import HEALTHY as HEALTHY
from ops.system.model import Link as Link
from ops.system.model import Local as Local
from ops.system.model import Route as Route
from ops.system.model import Service as Service
from ops.system.model import Swarm as Swarm
from ops.system.model import System as System
from ops.system.reading import read as read
from ops.system.scaling import require_scale as require_scale

FILE = "GATEPROOF_FILE"
"""Environment variable that names the Compose file; `--file` sets it."""

DATABASE = "GATEPROOF_DATABASE"
"""Environment variable that names the one of its databases that it has here; `--database` sets it."""

HARNESS = Path(__file__).resolve().parents[2]
"""The tree that this harness is run from."""

HOST = "127.0.0.1"
"""Where everything of a local stack listens, and every gateway is published."""


def choose(file: Path) -> None:
    """Let this process, and those that it starts, work on the system of that Compose file."""
    os.environ[FILE] = str(file.resolve())
    current.cache_clear()


def use(database: str | None) -> None:
    """Let this process, and those that it starts, work on the system with that database; None is its own. Of the URL of
    a server they get to know how it begins, and no password.

    Raises WrongUsage for one that it cannot have.
    """
    os.environ[DATABASE] = _named(database)
    current.cache_clear()
    current()


def server(database: str | None) -> str | None:
    """What of that is the URL of a server."""
    return database if _named(database) != (database or "") else None


@cache
def current() -> System:
    """The system that this process works on. Raises ConfigurationInvalid for a file that does not describe one."""
    return read(Path(os.environ.get(FILE) or HARNESS / "docker-compose.yml"), _named(os.environ.get(DATABASE)) or None)


def _named(database: str | None) -> str:
    """The name of one in the Compose file; for a URL, its scheme."""
    scheme, mark, _ = (database or "").partition("://")
    return scheme + mark
