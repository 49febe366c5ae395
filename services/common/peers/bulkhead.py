"""A limit to how many threads one slow peer can hold (reliability M16)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Full(Exception):
    """No place is free, and none is likely to be soon."""


class Bulkhead:
    """At most `places` calls at once.

    Who finds none free waits as long as calls come and go. Once none has for `patience` seconds, as when the peer
    hangs, everybody beyond `places` is refused at once.
    """

    def __init__(self, places: int, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = places
        self._patience = patience
        self._clock = clock
        self._moved_at = clock()
        self._changed = threading.Condition()

    @contextmanager
    def place(self, deadline: float) -> Iterator[None]:
        """A place for the block. Raises Full, also at `deadline` on the clock."""
        self._enter(deadline)
        try:
            yield
        finally:
            self._move(+1)

    def _enter(self, deadline: float) -> None:
        with self._changed:
            while not self._free:
                left = min(self._moved_at + self._patience, deadline) - self._clock()
                if left <= 0:
                    raise Full
                self._changed.wait(left)
            self._move(-1)

    def _move(self, freed: int) -> None:
        with self._changed:
            self._free += freed
            self._moved_at = self._clock()
            self._changed.notify()
