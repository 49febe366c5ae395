"""When a process stood still: what passes through it then is late, and says nothing of what is behind it."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

BEAT: Final = 0.1
"""Seconds from one beat to the next."""
LONGEST: Final = 0.5
"""Seconds without a beat that a busy machine may take; callers have given up before much more than that."""
_MOST: Final = 1000


class Stalls:
    """`beat` is called every BEAT seconds: longer without one, and it was stopped, or got no processor."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: float | None = None
        self._found: deque[tuple[float, float]] = deque(maxlen=_MOST)

    def beat(self) -> None:
        """It goes on."""
        now = self._clock()
        if self._last is not None and now - self._last > LONGEST:
            self._found.append((now, now - self._last))
        self._last = now

    def within(self, seconds: float) -> list[float]:
        """How long it stood still, in seconds, each time that ended in the last so many seconds."""
        self.beat()
        return [lasted for ended, lasted in self._found if ended >= self._clock() - seconds]
