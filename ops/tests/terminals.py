"""A real pseudo-terminal for a program, and what its screen then shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parents[2]
STILL = 0.03
"""Seconds without a change: some of a picture may come later than the rest."""
PLAIN = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", "TERM": "xterm-256color"}


@dataclass
class Terminal:
    """One program on a terminal of its own; `raw` is all that it wrote, `screen` what a person would see of it."""

    process: subprocess.Popen[bytes]
    master: int
    screen: pyte.HistoryScreen
    raw: bytes = b""
    _stream: pyte.ByteStream = field(init=False)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.screen)

    @property
    def lines(self) -> list[str]:
        """What is on the screen, and what has left it at the top, without the blanks at the ends."""
        gone = ["".join(row[at].data for at in range(self.screen.columns)) for row in self.screen.history.top]
        whole = [line.rstrip() for line in (*gone, *self.screen.display)]
        while whole and not whole[-1]:
            whole.pop()
        return whole

    def type(self, keys: bytes) -> None:
        """As a person would."""
        os.write(self.master, keys)

    def read(self, seconds: float) -> bool:
        """Take what comes within that time; False when the program has closed its side."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            said = os.read(self.master, 65536)
        except OSError:
            said = b""
        self.raw += said
        self._stream.feed(said)
        return bool(said)

    def await_screen(self, holds: Callable[[Sequence[str]], bool], within: float = 20.0) -> None:
        """Read until the lines are as wanted, and what is being drawn has been drawn."""
        deadline = time.monotonic() + within
        while not holds(self.lines):
            assert time.monotonic() < deadline, "\n".join(self.lines)
            assert self.read(0.05), "it ended:\n" + "\n".join(self.lines)
        while select.select([self.master], [], [], STILL)[0] and self.read(0):
            assert time.monotonic() < deadline, "\n".join(self.lines)

    def end(self, within: float = 60.0) -> int:
        """Read to its end; its exit code."""
        deadline = time.monotonic() + within
        while self.read(0.1):
            assert time.monotonic() < deadline, "\n".join(self.lines)
        return self.process.wait(10)


@contextmanager
def terminal(
    *command: str, columns: int = 80, lines: int = 24, cwd: Path = ROOT, **environment: str
) -> Iterator[Terminal]:
    """Run a command in front of such a screen, ended when the block ends."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (lines, columns))
    process = _started(command, slave, cwd, PLAIN | environment)
    os.close(slave)
    try:
        yield Terminal(process, master, pyte.HistoryScreen(columns, lines, history=10_000))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(master)


def python(program: str) -> tuple[str, ...]:
    """The command that runs it."""
    return (sys.executable, "-c", program)


def _started(command: Sequence[str], slave: int, cwd: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
