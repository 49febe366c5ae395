"""Copies what a project's containers write into files, from their first line on: a process of its own.

`python -m ops.stacks.compose.follower ENGINE PROJECT FOLDER`. Each container has a folder there, so that one that is
replaced leaves its lines behind, and a follower that was killed begins again with every container that is still there.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from docker.errors import APIError

from ops.stacks import processes
from ops.stacks.compose import containers
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.labels import CALLER
from ops.stacks.layout import ROOT, Layout

MODULE = "ops.stacks.compose.follower"


def file_of(folder: Path, container: Any) -> Path:
    """The file with the lines of that container."""
    if caller := container.labels.get(CALLER):
        return folder / f"faults.{caller}-{container.id[:12]}" / "faults.log"
    name = containers.service(container)
    return folder / f"{name}.{containers.number(container)}-{container.id[:12]}" / f"{name}.log"


def command(python: str, engine: str, project: str, folder: Path) -> list[str]:
    """How to start it."""
    return [python, "-m", MODULE, engine, project, str(folder)]


class FollowerProcess:
    """The follower of the stack in `layout`: one, started once, found again by whose it is."""

    def __init__(self, layout: Layout, environment: Mapping[str, str]) -> None:
        self._layout = layout
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None

    def begin(self, engine: str, project: str) -> None:
        """Copy the containers' lines from the first on; a follower that is there already goes on."""
        if processes.of(self._layout.directory, MODULE):
            return
        self.forget()
        call = command(sys.executable, engine, project, self._layout.logs)
        environment = {**self._environment, "PYTHONPATH": str(ROOT)}
        log = self._layout.directory / "follower.log"
        self._child = processes.start(call, self._layout.directory, log, environment)

    def forget(self) -> None:
        """One that was our child and has ended."""
        if self._child:
            self._child.wait()
        self._child = None


class Copy(threading.Thread):
    """Copies one container's lines until it is gone; `woken` tells it that the container started again."""

    def __init__(self, container: Any, file: Path) -> None:
        super().__init__(daemon=True)
        self._container = container
        self._file = file
        self._last = b""
        self.woken = threading.Semaphore(0)

    def run(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("wb") as file:
            while self._copy(file):
                self.woken.acquire()

    def _copy(self, file: BinaryIO) -> bool:
        """What it writes until it stops; False when the container is gone."""
        try:
            self._write(self._container.logs(stream=True, follow=True, timestamps=True), file)
        except (APIError, OSError):
            return False
        return True

    def _write(self, pieces: Iterable[bytes], file: BinaryIO) -> None:
        """Each piece begins with its time; those of an earlier start come again and are passed over.

        Standard output and standard error come side by side, so a line may be older than the one before it.
        """
        copied = self._last
        for piece in pieces:
            time, _, text = piece.partition(b" ")
            if time > copied:
                self._last = max(self._last, time)
                file.write(text)
                file.flush()


class Follower:
    """Follows every container of a project, those that are there and those that come."""

    def __init__(self, project: Containers, folder: Path) -> None:
        self._project = project
        self._folder = folder
        self._copies: dict[str, Copy] = {}

    def run(self) -> None:
        """Until the engine ends the conversation."""
        wanted = {**self._project.filters, "type": "container", "event": "start"}
        events = self._project.client.events(decode=True, filters=wanted)
        for container in self._project.writing():
            self._follow(container)
        for event in events:
            self._started(event["id"])

    def _started(self, container_id: str) -> None:
        if copy := self._copies.get(container_id):
            copy.woken.release()
            return
        for container in self._project.writing():
            if container.id == container_id:
                self._follow(container)

    def _follow(self, container: Any) -> None:
        if container.id not in self._copies:
            self._copies[container.id] = Copy(container, file_of(self._folder, container))
            self._copies[container.id].start()


def main(engine: str, project: str, folder: str) -> None:
    """Follow until this process is ended."""
    Follower(Containers(containers.connect(engine, patience=None), project), Path(folder)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
