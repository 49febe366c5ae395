"""Runs the features with behave in a process of its own, and tells what happens from the run's journal as it grows."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.evidence.journal import Event
from ops.evidence.masking import mask_text
from ops.evidence.runs import Run
from ops.interruption import ended_with_us
from ops.progress import Progress
from ops.proof.narrator import Narrator
from ops.stacks.layout import ROOT
from ops.stacks.processes import MARK

LOG = "behave.log"
FAREWELL = 10.0
"""Seconds that behave gets to end its scenario when the run is interrupted."""


@dataclass(frozen=True)
class Features:
    """Which scenarios to run (behave's tag expressions, all of which must hold) and what they run against (`-D`)."""

    userdata: Mapping[str, str]
    tags: Sequence[str] = ()
    stack: Path | None = None

    def run(self, run: Run, progress: Progress, planned: int | None = None) -> int:
        """Run them, `planned` in number, to the end; behave's exit code. An interruption ends behave first."""
        behave = subprocess.Popen(  # noqa: S603  # behave, with our own options
            self._command(run),
            cwd=ROOT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with _masked_copy(behave, run.directory / LOG), ended_with_us(behave, FAREWELL):
            return _follow(behave, run, progress, planned)

    def _command(self, run: Run) -> list[str]:
        data = {**self.userdata, "run": str(run.directory)}
        defines = [part for key, value in data.items() for part in ("-D", f"{key}={value}")]
        tags = [f"--tags={expression}" for expression in self.tags]
        return [sys.executable, "-m", "behave", "--format=plain", "--no-color", *defines, *tags]

    def _environment(self) -> dict[str, str]:
        mark = {MARK: str(self.stack.resolve())} if self.stack else {}
        return {**os.environ, **mark, "PYTHONPATH": str(ROOT)}


class Tail:
    """The events that were appended to a journal since the last look."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._offset = journal.stat().st_size

    def news(self) -> Iterator[Event]:
        """What is new, oldest first; a line that is still being written waits for the next look."""
        with self._journal.open("rb") as journal:
            journal.seek(self._offset)
            for line in journal:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield json.loads(line)


def _follow(behave: subprocess.Popen[bytes], run: Run, progress: Progress, planned: int | None) -> int:
    tail = Tail(run.journal.path)
    with _interruption_told(progress), progress.rows() as rows:
        narrator = Narrator(progress, rows, planned)
        while (ended := _waited(behave, 0.1)) is None:
            narrator.hear(tail.news())
            narrator.beat()
        narrator.hear(tail.news())
        narrator.close()
        return ended


@contextlib.contextmanager
def _interruption_told(progress: Progress) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        progress.say(f"interrupted: the scenario at hand has {FAREWELL:.0f} s to restore what it broke", "bad")
        raise


def _waited(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


@contextlib.contextmanager
def _masked_copy(process: subprocess.Popen[bytes], file: Path) -> Iterator[None]:
    """What the process says goes into the file, readable by us alone, without the secrets in it."""
    file.touch(mode=0o600)
    copy = threading.Thread(target=_copy, args=(process, file))
    copy.start()
    try:
        yield
    finally:
        copy.join()


def _copy(process: subprocess.Popen[bytes], file: Path) -> None:
    with file.open("w") as log:
        for line in process.stdout or ():
            log.write(mask_text(line.decode(errors="replace")))
            log.flush()
