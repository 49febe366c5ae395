"""A fault that is in force for some time: said while it is, and not only when it is over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from ops.eventually import eventually
from ops.progress import Progress

LOOK = 0.5
"""Seconds after which to see whether it is in force still."""


def hold(in_force: AbstractContextManager[object], what: str, seconds: float, lasts: Callable[[], bool]) -> None:
    """Stay in that block for so many seconds, or as long as it lasts.

    After Ctrl-C say that it is cleared, and raise that further.
    """
    progress = Progress()
    try:
        with in_force:
            until = datetime.now().astimezone() + timedelta(seconds=seconds)
            progress.say(f"{what} is in force until {until:%H:%M:%S %Z}; Ctrl-C ends it")
            eventually(lambda: not lasts(), seconds, LOOK)
    except KeyboardInterrupt:
        progress.say(f"{what} is cleared", "ok")
        raise
