"""The harness' one way to wait for what takes its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def pause(seconds: float) -> None:
    """Let so much time pass: between two looks at what never ends, or where time is what is tried."""
    time.sleep(seconds)


def eventually(probe: Callable[[], Seen], within: float, every: float = 0.02) -> Seen:
    """What `probe` answers as soon as that is neither None nor False, else its last answer within so many seconds."""
    ends = time.monotonic() + within
    while (seen := probe()) is None or seen is False:
        left = ends - time.monotonic()
        if left <= 0:
            break
        time.sleep(min(every, left))
    return seen
