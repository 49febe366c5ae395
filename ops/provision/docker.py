"""The machine's own `docker` program, what stands behind it, and what to do where that is not enough."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ops.errors import StackNotReady
from ops.provision import troubles

OLDEST_ENGINE = (20, 10)
OLDEST_COMPOSE = (2, 17)
PATIENCE = 20.0
"""Seconds that an engine has to say its version."""

INSTALL_ENGINE = (
    "install it with `apt-get install docker.io` (Debian, Ubuntu), or see https://docs.docker.com/engine/install"
)
INSTALL_COMPOSE = (
    "install the package docker-compose-plugin (Docker's own), docker-compose-v2 (Ubuntu) or docker-compose (Debian 13)"
)


class NoEngine(StackNotReady):
    """No Docker Engine answers here."""


class NoCompose(StackNotReady):
    """The `docker` program has no Compose v2."""


@dataclass(frozen=True)
class Docker:
    """The program and the environment that it is started with."""

    binary: str
    environment: Mapping[str, str]

    @classmethod
    def find(cls, environment: Mapping[str, str]) -> Docker:
        """The one on the PATH of `environment`. Raises NoEngine."""
        binary = shutil.which("docker", path=environment.get("PATH"))
        if binary is None:
            raise NoEngine(f"Docker is not installed: {INSTALL_ENGINE}")
        return cls(binary, environment)

    def run(
        self, arguments: Sequence[str], given: str | None = None, timeout: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it to the end, also after Ctrl-C at our terminal. Raises subprocess.TimeoutExpired."""
        return subprocess.run(  # noqa: S603  # docker, with our own arguments
            [self.binary, *arguments],
            env=dict(self.environment),
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            start_new_session=True,
        )

    def engine(self) -> str:
        """The engine's version. Raises NoEngine, or StackNotReady when it is another one, or too old."""
        server = self._engine()
        version = server["Version"]
        if any("podman" in str(part.get("Name")).lower() for part in server.get("Components") or ()):
            raise StackNotReady(f"{troubles.PODMAN} (version {version})")
        if numbers(version) < OLDEST_ENGINE:
            self._require_no_podman()
            raise StackNotReady(f"Docker Engine {version} is too old, {_dotted(OLDEST_ENGINE)} or newer is needed")
        return str(version)

    def _engine(self) -> dict[str, Any]:
        try:
            asked = self.run(["version", "--format", "{{json .Server}}"], timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise NoEngine(f"Docker Engine does not answer within {PATIENCE:.0f} s") from None
        server = json.loads(asked.stdout.strip() or "null") if asked.returncode == 0 else None
        if not server:
            self._require_no_podman()
            why = troubles.explained(asked.stderr) or f"no Docker Engine answers: {last_line(asked.stderr)}"
            raise NoEngine(why)
        return dict(server)

    def _require_no_podman(self) -> None:
        """Its program has no engine to speak of."""
        said = self.run(["--version"], timeout=PATIENCE).stdout.strip()
        if "podman" in said.lower():
            raise StackNotReady(f"{troubles.PODMAN} ({said})")

    def compose(self) -> str:
        """Compose's version. Raises NoCompose, also when there is only a version that is too old."""
        asked = self.run(["compose", "version", "--short"], timeout=PATIENCE)
        version = asked.stdout.strip().removeprefix("v")
        if asked.returncode or not numbers(version):
            raise NoCompose(f"`docker compose` is missing{self._only_v1()}: {INSTALL_COMPOSE}")
        if numbers(version) < OLDEST_COMPOSE:
            raise NoCompose(
                f"Docker Compose {version} is too old, {_dotted(OLDEST_COMPOSE)} is needed: {INSTALL_COMPOSE}"
            )
        return version

    def _only_v1(self) -> str:
        old = shutil.which("docker-compose", path=self.environment.get("PATH"))
        return f" ({old} is the old version 1, which cannot do it)" if old else ""

    def require_here(self) -> None:
        """Raises StackNotReady for an engine of another machine: what it publishes is not reached at our loopback."""
        host = urlsplit(self.host())
        is_here = host.scheme in ("unix", "npipe") or re.fullmatch(r"localhost|127\..*|::1", host.hostname or "")
        if not is_here:
            raise StackNotReady(
                f"the Docker Engine at {host.geturl()} is not on this machine, so its ports are not reached here: "
                "unset DOCKER_HOST (or the context), or bring the stack up there and give its address as --base-url"
            )

    def host(self) -> str:
        """Where the engine listens, as DOCKER_HOST or the current context says."""
        asked = self.run(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], timeout=PATIENCE)
        return self.environment.get("DOCKER_HOST") or asked.stdout.strip() or "unix:///var/run/docker.sock"


def numbers(version: str) -> tuple[int, ...]:
    """`20.10.24+dfsg1` is (20, 10); nothing for what is no version."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else ()


def last_line(said: str) -> str:
    """The last line that says something: programs tell the reason there."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it does not say why"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
