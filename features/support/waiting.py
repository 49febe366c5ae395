"""The suite's ways to wait: ask again until it holds, or let time pass."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def eventually(probe: Callable[[], Found], *, within: float = 3.0, every: float = 0.02) -> Found:
    """What `probe` answers as soon as it raises no AssertionError; its last AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        try:
            return probe()
        except AssertionError:
            if time.monotonic() + every > deadline:
                raise
        time.sleep(every)


def pass_time(seconds: float) -> None:
    """For what is promised to hold so much later."""
    time.sleep(seconds)
