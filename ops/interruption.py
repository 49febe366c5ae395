"""What happens to our children, and to our own clean-up, when somebody presses Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence

FAREWELL = 60.0
"""Seconds that a child gets to clean up after itself before it is killed."""

ENDING = (signal.SIGINT, signal.SIGTERM)
"""What asks us to end."""


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
    before = {number: signal.signal(number, lambda _number, _frame: None) for number in ENDING}
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
    before = {number: signal.signal(number, lambda one, _: came.append(one)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def _await(child: subprocess.Popen[bytes], farewell: float) -> None:
    try:
        child.wait(max(0.0, farewell))
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
