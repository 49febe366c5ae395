"""This machine's engine as a Swarm of one node, for as long as one test needs it."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.provision.docker import Docker
from ops.stacks.swarm.cluster import INIT


@contextmanager
def swarm(docker: Docker) -> Iterator[None]:
    """Made where there is none, and left then. One test at a time, and nothing else on the engine: when a Swarm is
    left, containers that run are no longer found by their names (Docker 20.10).
    """
    with _lock():
        was_there = _is_manager(docker)
        if not was_there:
            docker.run(INIT.split()[1:]).check_returncode()
        try:
            yield
        finally:
            if not was_there:
                docker.run(["swarm", "leave", "--force"]).check_returncode()


def is_swarm(docker: Docker) -> bool:
    """Whether it is one that no test has made."""
    with _lock():
        return _is_manager(docker)


def _is_manager(docker: Docker) -> bool:
    return docker.run(["info", "--format", "{{.Swarm.ControlAvailable}}"]).stdout.strip() == "true"


@contextmanager
def _lock() -> Iterator[None]:
    with Path(tempfile.gettempdir(), "gateproof-swarm.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
