"""What happens to our children, and to our own clean-up, when somebody presses Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator

FAREWELL = 60.0
"""Seconds that a child gets to clean up after itself before it is killed."""


@contextlib.contextmanager
def ended_with_us(child: subprocess.Popen[bytes], farewell: float = FAREWELL) -> Iterator[None]:
    """A child in a session of its own hears nothing of our terminal: pass an interruption on, await its end."""
    try:
        yield
    except BaseException:
        child.send_signal(signal.SIGINT)
        with undisturbed():
            _await(child, farewell)
        raise


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A second Ctrl-C, or SIGTERM, does not keep us from cleaning up. For the main thread."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _await(child: subprocess.Popen[bytes], farewell: float) -> None:
    try:
        child.wait(farewell)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
