"""Sees to it that there is Docker's program and its daemon: the machine's own, or Debian's package where we may."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping

from ops import debian
from ops.progress import Progress
from ops.provision.docker import INSTALL_ENGINE, NoEngine

PACKAGE = "docker.io"
CLIENT = "docker-cli"
"""From Debian 13 on the `docker` program is a package of its own."""


def provide(program: str, find: Callable[[], str | None], progress: Progress, install: Callable[[], bool]) -> str:
    """Where `program` is, installed if need be: a machine may well have `docker` and no `dockerd`.

    Raises NoEngine, with what to install, where we may not do that or it fails.
    """
    if found := find():
        return found
    progress.say(f"{program} is missing: installing Debian's package {PACKAGE}, without starting its service")
    if install() and (found := find()):
        return found
    raise NoEngine(f"{program} is not installed: {INSTALL_ENGINE}")


def install() -> bool:
    """Install the engine; False where that is not allowed or apt-get failed."""
    if not debian.install(PACKAGE, "iptables", "ca-certificates"):
        return False
    debian.disable("docker")
    return shutil.which("docker") is not None or debian.install(CLIENT)


def path(environment: Mapping[str, str]) -> str:
    """Where dockerd and what it starts are looked for: a user's PATH may lack sbin."""
    return f"{environment.get('PATH')}:/usr/sbin:/sbin"
