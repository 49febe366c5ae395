"""Runs the features with behave in processes of its own, and tells what happens from the run's journal as it grows."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ops.faults import restore
from ops.journal.runs import Run
from ops.progress import Progress
from ops.run import workers
from ops.run.live_progress import LiveProgress
from ops.run.selection import Planned
from ops.run.workers import FAREWELL, Watch, Worker
from ops.stacks.model import Stack
from ops.stacks.processes import MARK
from ops.system import HARNESS, current
from ops.trace.trace_link import TraceLink

BEHAVE = "ops.run.behave"
HOW = ("--format=plain", "--no-color", "--no-skipped", "--no-timings", "--no-capture-log")
LIST = "scenarios.txt"
TURNS = "turns"


@dataclass(frozen=True)
class Features:
    """Which scenarios of `folder` to run, in that order, in how many workers, and what they run against.

    None for those of some tags (behave's expressions, all of which must hold) that behave has to find itself.
    """

    folder: Path
    stack: Stack
    planned: Sequence[Planned] | None
    tags: Sequence[str] = ()
    workers: int = 1
    defined: Mapping[str, str] = field(default_factory=dict)
    """The features' own userdata (`-D`)."""

    def run(self, run: Run, progress: Progress) -> list[Worker]:
        """Run them to the end; the workers, ended. An interruption ends behave first."""
        with _turns(run) as turns:
            command = self._command(run, turns)
            with workers.running(command, self._environment(), self._logs(run)) as going:
                self._follow(going, run, progress)
        return going

    @property
    def count(self) -> int | None:
        """How many scenarios there are; None where that cannot be said."""
        return None if self.planned is None else len(self.planned)

    def _logs(self, run: Run) -> list[Path]:
        if self._width == 1:
            return [run.directory / "behave.log"]
        return [run.directory / f"behave.{number}.log" for number in range(1, self._width + 1)]

    @property
    def _width(self) -> int:
        return max(1, min(self.workers, len(self.planned or ())))

    def _command(self, run: Run, turns: Path) -> list[str]:
        shared = {"turns": str(turns)} if self._width > 1 else {}
        data = {**self.defined, **self._place, "run": str(run.directory), **shared}
        defines = [part for key, value in data.items() for part in ("-D", f"{key}={value}")]
        tags = [f"--tags={expression}" for expression in self.tags]
        return [sys.executable, "-m", BEHAVE, *HOW, *defines, *tags, *self._listed(run)]

    @property
    def _place(self) -> Mapping[str, str]:
        """How behave finds the stack."""
        return {"stack": self.stack.name} if self.stack.directory else {"base_url": self.stack.base_url}

    def _listed(self, run: Run) -> list[str]:
        if not self.planned:
            return [str(self.folder)]
        file = run.directory / LIST
        file.write_text("".join(f"{one.file}:{one.line}\n" for one in self.planned))
        return [f"@{file}"]

    def _environment(self) -> dict[str, str]:
        mark = {MARK: str(self.stack.directory.resolve())} if self.stack.directory else {}
        return {**os.environ, **mark, "PYTHONPATH": f"{HARNESS}{os.pathsep}{current().root}"}

    def _follow(self, going: Sequence[Worker], run: Run, progress: Progress) -> None:
        files = None if self.planned is None else Counter(one.id.rpartition(":")[0] for one in self.planned)
        with _interruption_reported(progress), progress.rows() as rows:
            trace_link = TraceLink(run.id, has_logs="logs" in self.stack.capabilities)
            live_progress, watch = LiveProgress(progress, rows, trace_link, files), Watch(going)
            over = False
            while not over:
                over = workers.all_ended(going, 0.1)
                live_progress.hear(run.news())
                live_progress.beat()
                self._mend(watch.died(), progress)
            live_progress.close()

    def _mend(self, died: Sequence[Worker], progress: Progress) -> None:
        """What a worker had broken when it died is in nobody's hands, and in the way of all others."""
        for worker in died:
            progress.say(f"✗ {worker.name} ended with exit code {worker.code}: restoring what it broke", "bad")
            restore.all_of(self.stack)


@contextlib.contextmanager
def _turns(run: Run) -> Iterator[Path]:
    """Where workers settle among themselves who takes which scenario (ops/api/scheduling.py)."""
    folder = run.directory / TURNS
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def _interruption_reported(progress: Progress) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        progress.say(f"interrupted: what is under way has {FAREWELL:.0f} s to restore what it broke", "bad")
        raise
