"""The tests' patience: that of a busy machine."""

from collections.abc import Callable
from typing import TypeVar

from ops import eventually as waiting

Seen = TypeVar("Seen")


def eventually(look: Callable[[], Seen], within: float = 60.0, every: float = 0.05) -> Seen:
    """What `look` sees, as soon as it sees anything. Raises AssertionError if that is not within these seconds.

    How long it takes is not what a test measures, unless the test says `within`.
    """
    seen = waiting.eventually(lambda: look() or None, within, every)
    assert seen is not None, f"it did not come true within {within:g} s"
    return seen
