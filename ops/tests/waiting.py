"""The tests' one way to wait for what takes its time."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def eventually(look: Callable[[], Seen], within: float = 20.0, every: float = 0.01) -> Seen:
    """What `look` sees, as soon as it sees anything. Raises AssertionError if that is not within these seconds.

    The patience is that of a busy machine: it is not what a test measures, unless the test says `within`.
    """
    ends = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < ends, f"it did not come true within {within:g} s"
        time.sleep(every)
    return seen
