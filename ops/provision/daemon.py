"""A Docker Engine of our own where none answers: started as root, ended by the one who started it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ops.errors import CleanupFailed, StackNotReady
from ops.eventually import eventually
from ops.progress import Progress
from ops.provision import package
from ops.provision.docker import INSTALL_ENGINE, Docker, NoEngine

WITHIN = 60.0
GRACE = 30.0
ENDING = 5.0
SETTINGS = Path("/etc/docker/daemon.json")
ROOM = "--default-address-pool=base=172.20.0.0/14,size=24"
"""A thousand networks instead of the thirty of an engine's own pools, which are four stacks."""


@dataclass
class Daemon:
    """One dockerd; `run` is its state directory, `options` what else it is given (for one beside another)."""

    docker: Docker
    log: Path
    run: Path = Path("/var/run")
    options: Sequence[str] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and return when it answers. Raises StackNotReady with its last lines."""
        if self._process:
            self._process.poll()
        self._clear_remains()
        binary = find(self.docker.environment)
        if binary is None:
            raise NoEngine(f"dockerd is not installed: {INSTALL_ENGINE}")
        environment = {**self.docker.environment, "PATH": package.path(self.docker.environment)}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # the machine's own dockerd
                [binary, *self.options], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self._await_answer()

    def end(self) -> None:
        """Send SIGTERM and wait. Raises CleanupFailed when it does not end."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise CleanupFailed(f"dockerd (process {self._process.pid}) had to be killed") from None

    def _await_answer(self) -> None:
        if not eventually(self._answers, WITHIN, every=0.2):
            self.end()
            raise StackNotReady(f"dockerd does not answer after {WITHIN:.0f} s", self._last_lines())

    def _answers(self) -> bool:
        """Raises StackNotReady once it cannot any more."""
        if _answers(self.docker):
            return True
        if self._process is None or self._process.poll() is not None:
            raise StackNotReady("dockerd ended before it answered", self._last_lines())
        return False

    def _last_lines(self) -> list[str]:
        """The last ones that matter: dockerd tells much of what it does while it ends."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if "level=info" not in line][-8:]

    def _clear_remains(self) -> None:
        """An engine that was killed leaves the process IDs of itself and of its containerd, which ends with it.

        dockerd believes them, so it would wait for a containerd that is ending, or for another process of that ID.
        """
        remains = {"dockerd": self.run / "docker.pid", "containerd": self.run / "docker/containerd/containerd.pid"}
        for name, file in remains.items():
            if _has_ended(file, name):
                file.unlink(missing_ok=True)


@contextlib.contextmanager
def running(environment: Mapping[str, str], log: Path, progress: Progress) -> Iterator[Docker]:
    """An engine for the block: the one that answers, else one that is installed and started, and ended afterwards.

    Raises NoEngine, saying what is missing, where we may not do that.
    """
    package.provide("docker", lambda: shutil.which("docker", path=environment.get("PATH")), progress, package.install)
    docker = Docker.find(environment)
    if _answers(docker):
        yield docker
        return
    if os.geteuid() != 0 or "DOCKER_HOST" in environment:
        docker.engine()
    package.provide("dockerd", lambda: find(environment), progress, package.install)
    progress.say("no Docker Engine answers: starting one for the run")
    with _started(docker, log):
        yield docker


def room(settings: Path = SETTINGS) -> list[str]:
    """The option for many networks, unless the machine's own settings have pools: dockerd takes one of both."""
    is_set = settings.exists() and "default-address-pools" in settings.read_text(encoding="utf-8")
    return [] if is_set else [ROOM]


def find(environment: Mapping[str, str]) -> str | None:
    """The dockerd of that environment, None where there is none."""
    return shutil.which("dockerd", path=package.path(environment))


@contextlib.contextmanager
def _started(docker: Docker, log: Path) -> Iterator[None]:
    _provide_cgroups()
    log.parent.mkdir(parents=True, exist_ok=True)
    daemon = Daemon(docker, log, options=room())
    try:
        daemon.start()
        yield
    finally:
        daemon.end()
        log.unlink(missing_ok=True)


def _provide_cgroups() -> None:
    """Where no init system mounted them (a bare machine), the engine would refuse every container."""
    groups = Path("/sys/fs/cgroup")
    if groups.is_dir() and not any(groups.iterdir()):
        subprocess.run(["mount", "-t", "cgroup2", "cgroup2", groups], capture_output=True)  # noqa: S603, S607


def _answers(docker: Docker) -> bool:
    try:
        docker.engine()
    except NoEngine:
        return False
    return True


def _has_ended(pid_file: Path, name: str) -> bool:
    """True when the process of that ID is none of that name, or no longer; one that is ending gets a moment."""
    try:
        process = psutil.Process(int(pid_file.read_text(encoding="utf-8")))
        if process.name() == name and process.status() != psutil.STATUS_ZOMBIE:
            process.wait(ENDING)
    except psutil.TimeoutExpired:
        return False
    except (OSError, ValueError, psutil.Error):
        return True
    return True
