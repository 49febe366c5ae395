"""The behave processes of a run, side by side."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

from ops.interruption import ended_with_us
from ops.journal.masking import mask_text
from ops.system import current

FAREWELL = 10.0
"""Seconds that behave gets to end its scenario when the run is interrupted."""
LAST_LINES = 20
"""Lines of a log that are shown."""


@dataclass(frozen=True)
class Worker:
    """One of them, and the file that has what it says."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def code(self) -> int:
        """How it ended: behave's exit code, negative for a signal."""
        return self.process.wait()

    @property
    def is_dead(self) -> bool:
        """Whether it has ended otherwise than behave does when scenarios held (0) or failed (1)."""
        return self.process.poll() not in (None, 0, 1)

    def last_words(self) -> list[str]:
        """The end of its log."""
        return self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]


class Watch:
    """Tells of each worker that dies, once."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = list(workers)

    def died(self) -> list[Worker]:
        """Those that did since it was asked last."""
        dead = [worker for worker in self._workers if worker.is_dead]
        self._workers = [worker for worker in self._workers if worker not in dead]
        return dead


@contextlib.contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], logs: Sequence[Path]) -> Iterator[list[Worker]]:
    """One process for each log. An interruption ends all of them first."""
    workers: list[Worker] = []
    processes: list[subprocess.Popen[bytes]] = []
    with ExitStack() as copies, ended_with_us(processes, FAREWELL):
        for number, log in enumerate(logs, start=1):
            processes.append(_started(command, environment))
            copies.enter_context(_masked_copy(processes[-1], log))
            workers.append(Worker(f"worker {number}" if len(logs) > 1 else "behave", processes[-1], log))
        yield workers


def all_ended(workers: Sequence[Worker], within: float) -> bool:
    """Whether all of them have ended, or do so soon."""
    going = [worker.process for worker in workers if worker.process.poll() is None]
    if not going:
        return True
    with contextlib.suppress(subprocess.TimeoutExpired):
        going[0].wait(within)
    return False


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # behave, with our own options
        command,
        cwd=current().root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


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
    with file.open("w", encoding="utf-8") as log, process.stdout or nullcontext(()) as said:
        for line in said:
            log.write(mask_text(line.decode(errors="replace")))
            log.flush()
