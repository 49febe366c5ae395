"""A second engine, with its own network, files and socket."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ops.provision.daemon import Daemon
from ops.provision.docker import Docker

NEEDED = ("docker", "dockerd", "unshare", "mount")


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A short path: a socket's may have 107 bytes at the most. What the engine mounted there goes with it."""
    folder = tmp_path_factory.mktemp("e")
    yield folder
    with suppress(FileNotFoundError):
        subprocess.run(["umount", "--quiet", folder / "data"], capture_output=True)  # noqa: S607


@pytest.fixture
def daemon(place: Path) -> Iterator[Daemon]:
    """Not started yet; ended with the test."""
    path = f"{place}/bin:{os.environ['PATH']}:/usr/sbin:/sbin"
    missing = [name for name in NEEDED if shutil.which(name, path=path) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"only root can start an engine, with {', '.join(missing or NEEDED)}")
    made = _second(place, path)
    yield made
    made.end()


def _second(place: Path, path: str) -> Daemon:
    """One whose dockerd runs in a network of its own: it would take the first one's bridge away."""
    dockerd = shutil.which("dockerd", path="/usr/sbin:/sbin:/usr/bin:/usr/local/bin")
    (place / "bin").mkdir()
    (place / "bin/dockerd").write_text(f'#!/bin/sh\nexec unshare --net {dockerd} "$@"\n')
    (place / "bin/dockerd").chmod(0o755)
    socket = f"unix://{place}/s"
    run = place / "run"
    (run / "docker/containerd").mkdir(parents=True)
    own = {"host": socket, "data-root": place / "data", "exec-root": run / "docker", "pidfile": run / "docker.pid"}
    environment = {"PATH": path, "HOME": os.environ["HOME"], "DOCKER_HOST": socket}
    options = [f"--{name}={value}" for name, value in own.items()]
    return Daemon(Docker.find(environment), place / "log", run, options)
