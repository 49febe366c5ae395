"""What ends us, and what happens to our children, and to our own clean-up, when somebody presses Ctrl-C.

A closed output or terminal counts as Ctrl-C. Who is detached from both (`nohup`, a background job) goes on to its end.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

FAREWELL = 60.0
"""Seconds that a child gets to clean up after itself before it is killed."""

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks us to end."""
GONE = (errno.EPIPE, errno.EIO)
"""How a write fails when nobody reads any more: a pipe without a reader, a terminal that was closed."""

_asked = threading.Event()
"""Once we were, an output that is closed as well, as that of `| tee` by the same Ctrl-C, disturbs nothing."""


class _Outlet(io.FileIO):
    """Standard output or error. Once it takes nothing, it goes nowhere; where nobody reads it, we are asked to end."""

    def write(self, data: ReadableBuffer, /) -> int | None:  # type: ignore[override]  # a raw stream may say None
        try:
            return super().write(data)
        except OSError as refused:
            self._close_down()
            if refused.errno not in GONE:
                raise
        if not _asked.is_set():
            signal.raise_signal(signal.SIGINT)
        return super().write(data)

    def _close_down(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def listen() -> None:
    """Let each signal that asks us to end do so as Ctrl-C does. For the main thread."""
    signal.signal(signal.SIGINT, _interrupt)  # a shell's background job inherits it ignored
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, _interrupt)


def watch_output() -> None:
    """Let the end of our output ask us to end, too; any text can be written to it. At the door."""
    _open_what_is_closed()
    sys.stdout, sys.stderr = _text(sys.stdout, 1), _text(sys.stderr, 2)


def _open_what_is_closed() -> None:
    """Standard input, output and error go nowhere where the caller closed them (`>&-`), and so do our children's."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)


def _text(stream: TextIO | None, number: int) -> TextIO:
    """Python has no stream of what was closed."""
    if stream:
        stream.flush()
    outlet = io.BufferedWriter(_Outlet(stream.fileno() if stream else number, "wb", closefd=False))
    return io.TextIOWrapper(outlet, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt


@contextlib.contextmanager
def ended_with_us(children: Sequence[subprocess.Popen[bytes]], farewell: float = FAREWELL) -> Iterator[None]:
    """Children in sessions of their own hear nothing of our terminal: pass an interruption on to all, await their end.

    Those count that are in `children` when it comes.
    """
    try:
        yield
    except BaseException:
        with undisturbed():
            for child in children:
                child.send_signal(signal.SIGINT)
            deadline = time.monotonic() + farewell
            for child in children:
                _await(child, deadline - time.monotonic())
        raise


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A second Ctrl-C, or SIGTERM, does not keep us from cleaning up. For the main thread.

    Neither is ignored, as our children would inherit that: a service could not be asked to end before it listens.
    """
    before = {number: signal.signal(number, lambda _number, _frame: None) for number in _heard()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def postponed() -> Iterator[None]:
    """Ctrl-C, or SIGTERM, in the middle of a change counts once the change is whole. Other threads never feel it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda one, _: came.append(one)) for number in _heard()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def _heard() -> list[signal.Signals]:
    """What is ignored, as SIGHUP under nohup, stays so."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


def _await(child: subprocess.Popen[bytes], farewell: float) -> None:
    try:
        child.wait(max(0.0, farewell))
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
