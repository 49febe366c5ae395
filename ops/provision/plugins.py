"""Compose v2 as a plugin of the `docker` program: Debian 13's package, where an older Debian has none of its own."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from ops.errors import StackNotReady
from ops.progress import Progress
from ops.provision import mirror
from ops.provision.docker import Docker, NoCompose
from ops.replacing import replace

PACKAGE = "docker-compose"
INSIDE = "usr/libexec/docker/cli-plugins/docker-compose"


def provide(docker: Docker, progress: Progress) -> str:
    """Compose's version, installed for this user if need be. Raises NoCompose with what to install where we may not."""
    try:
        return docker.compose()
    except NoCompose as missing:
        if mirror.find() is None:
            raise
        progress.say(f"{missing}; taking the plugin from Debian's package {PACKAGE}")
        _install(folder_of(docker))
        return docker.compose()


def folder_of(docker: Docker) -> Path:
    """Where `docker` looks for the plugins of this user."""
    home = Path(docker.environment.get("HOME", "/root"), ".docker")
    return Path(docker.environment.get("DOCKER_CONFIG") or home, "cli-plugins")


def _install(plugins: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="gateproof-") as scratch:
        for package in mirror.fetch([PACKAGE], Path(scratch)):
            _unpack(package, Path(scratch, "unpacked"))
        plugins.mkdir(parents=True, exist_ok=True)
        replace(plugins / "docker-compose", Path(scratch, "unpacked", INSIDE).read_bytes(), 0o777)


def _unpack(package: Path, folder: Path) -> None:
    done = subprocess.run(["dpkg", "-x", package, folder], capture_output=True, text=True)  # noqa: S603,S607
    if done.returncode:
        raise StackNotReady(f"{package.name} cannot be unpacked: {done.stderr.strip()}")
