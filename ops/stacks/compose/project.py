"""One Compose project: `docker compose` for config, build, up and down, as a process that `down` finds again."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.errors import ConfigurationInvalid, StackNotReady
from ops.progress import Progress
from ops.provision import troubles
from ops.provision.docker import Docker
from ops.stacks import processes, readiness
from ops.stacks.layout import Layout
from ops.system import HOST, System

SILENT = Progress(quiet=True)
LOOK = 0.2
"""Seconds after which what Compose says is looked at again."""


@dataclass(frozen=True)
class Done:
    """How a call ended and what it said."""

    code: int
    lines: list[str]

    @property
    def reason(self) -> str:
        """The last line, where Compose tells why."""
        return self.lines[-1] if self.lines else "docker compose does not say why"

    def says(self, *words: str) -> bool:
        """True when one of the words occurs."""
        return any(word in line for line in self.lines for word in words)


class Project:
    """The project of the stack in `layout`, unique on this engine among several checkouts, and so are its images.

    One that was started by hand has the `options` of that call, and its own name.

    The images are those of the tree that they are built from; the stacks of one checkout share them. What Compose says
    while it works is shown in rows of `progress`.
    """

    def __init__(
        self,
        docker: Docker,
        layout: Layout,
        system: System,
        port: int = 0,
        progress: Progress = SILENT,
        options: Sequence[str] = (),
    ) -> None:
        self.name = layout.name if options else f"gateproof-{layout.name}-{_digest(layout.home)}"
        self._options = options
        self.tag = _digest(system.root)
        self.builder = f"gateproof-{self.tag}"
        self.overlay = layout.directory / "compose.yml"
        self.docker = docker
        self._layout = layout
        self._port = port
        self._system = system
        self._progress = progress

    def config(self) -> str:
        """The whole configuration as it is meant. Raises ConfigurationInvalid with Compose's own words."""
        done = self._call("config", "config")
        if done.code:
            raise ConfigurationInvalid(f"docker compose refuses {self._system.file.name}: {done.reason}")
        return "\n".join(done.lines)

    def require_place(self) -> None:
        """That all of it can run on this engine. Raises ConfigurationInvalid with Compose's own words."""
        self.config()

    def build(self, *services: str) -> None:
        """Build every image, or those of some services. Raises StackNotReady with the end of what was said.

        Compose writes the project's name into the images: were it the stack's, each stack would get images of its own,
        and the next `up` of another one would replace its containers by the same again.
        """
        done = self._call("build", "build", *services, name=self.builder)
        if done.says("no space left on device"):
            raise StackNotReady(
                "the images cannot be built: the engine's disk is full", done.lines[-readiness.LAST_LINES :]
            )
        if done.code:
            why = troubles.explained("\n".join(done.lines)) or done.reason
            raise StackNotReady(f"the images cannot be built: {why}", done.lines[-readiness.LAST_LINES :])

    def up(self, *arguments: str) -> None:
        """Create and start what is missing or has changed. Raises StackNotReady."""
        done = self._call("up", "up", "--detach", "--no-build", *(arguments or ["--remove-orphans"]))
        if done.says("port is already allocated", "address already in use"):
            raise StackNotReady(f"port {self._port} is taken; free it, or let --port 0 choose one")
        if done.says("non-overlapping IPv4 address pool", "address pools have been fully subscribed"):
            raise StackNotReady("the engine has no addresses left for more networks: docker network prune")
        if done.code:
            raise StackNotReady(f"docker compose up failed: {done.reason}", done.lines[-readiness.LAST_LINES :])

    def down(self) -> None:
        """Remove the project's containers, networks and volumes; what this leaves is found by its label."""
        self._call("down", "down", "--volumes", "--remove-orphans", "--timeout", str(round(processes.GRACE)))

    def undo(self) -> str:
        """Take back what jobs did outside the engine; what is left, empty where nothing is."""
        for job in self._system.undoing:
            done = self._call("undo", "run", "--rm", "--no-deps", "--no-TTY", job.name, *job.command)
            if done.code:
                return f"{job.name} ended with {done.code}: {done.reason}"
        return ""

    def alone(
        self, service: str, command: Sequence[str], *, is_terminal: bool
    ) -> tuple[Sequence[str], Mapping[str, str]]:
        """The call, and its environment, that runs a command in a new container of a service, with its settings."""
        program, *words = command
        how = ["run", "--rm", "--no-deps", *([] if is_terminal else ["--no-TTY"]), "--entrypoint", program]
        return self._command(self.name, *how, service, *words), self._environment()

    def end_calls(self) -> None:
        """End the calls that an `ops` which was killed left running."""
        processes.end(processes.of(self._layout.directory, "compose"))

    def _call(self, purpose: str, *arguments: str, name: str | None = None) -> Done:
        log = self._layout.directory / f"compose-{purpose}.log"
        self._layout.directory.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        process = processes.start(
            self._command(name or self.name, *arguments), self._layout.directory, log, self._environment()
        )
        try:
            code = self._watched(process, arguments[0], log)
        except BaseException:
            _interrupt(process)
            raise
        return Done(code, [line.rstrip() for line in log.read_text(errors="replace").splitlines() if line.strip()])

    def _watched(self, process: subprocess.Popen[bytes], command: str, log: Path) -> int:
        with self._progress.rows() as rows:
            while True:
                rows.show(command, f"docker compose {command}: {''.join(readiness.tail(log, 1)) or 'begun'}")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return process.wait(LOOK)

    def _command(self, name: str, *arguments: str) -> list[str]:
        overlay = ["--file", str(self.overlay)] if self.overlay.exists() else []
        files = [part for file in self._system.files for part in ("--file", str(file))]
        own = ["--project-directory", str(self._system.root), *files, *overlay]
        where = ["--project-name", name, "--progress", "plain", *(self._options or own)]
        return [self.docker.binary, "compose", "--ansi", "never", *where, *arguments]

    def _environment(self) -> Mapping[str, str]:
        """Stated in full, so that no variable or .env file of the user's changes what is proven."""
        if self._options:
            return self.docker.environment
        own = {"GATEPROOF_TAG": self.tag, "GATEPROOF_ADDRESS": HOST, "GATEPROOF_PORT": str(self._port)}
        own["GATEPROOF_SERVER_FILE"] = str(self._layout.server.resolve())
        return {**self.docker.environment, **own, "DOCKER_BUILDKIT": "1"}


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(processes.GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
