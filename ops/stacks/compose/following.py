"""The process that copies the containers' lines: one for each stack, started once, found again by whose it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from ops.stacks import processes
from ops.stacks.compose import follower
from ops.stacks.layout import ROOT, Layout


class Following:
    """The follower of the stack in `layout`."""

    def __init__(self, layout: Layout, environment: Mapping[str, str]) -> None:
        self._layout = layout
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None

    def begin(self, engine: str, project: str) -> None:
        """Copy the containers' lines from the first on; a follower that is there already goes on."""
        if processes.of(self._layout.directory, follower.MODULE):
            return
        self.forget()
        command = follower.command(sys.executable, engine, project, self._layout.logs)
        environment = {**self._environment, "PYTHONPATH": str(ROOT)}
        log = self._layout.directory / "follower.log"
        self._child = processes.start(command, self._layout.directory, log, environment)

    def forget(self) -> None:
        """One that was our child and has ended."""
        if self._child:
            self._child.wait()
        self._child = None
