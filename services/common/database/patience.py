"""How long something may wait for a database."""

import time
from typing import NamedTuple

from services.common.runtime import scope


class Patience(NamedTuple):
    """At most `each` seconds at a time, and nothing at all after `end` on the monotonic clock."""

    each: float
    end: float = float("inf")

    def left(self) -> float:
        """Seconds that the next wait may take, never negative."""
        return max(0.0, min(self.each, self.end - time.monotonic()))

    def as_one(self) -> "Patience":
        """For several waits that together may take no longer than one."""
        return Patience(self.each, time.monotonic() + self.left())


def patience(each: float, within: float) -> Patience:
    """That of a block of `within` seconds, which ends no later than the current request has to be answered."""
    return Patience(each, time.monotonic() + min(within, scope.current().left()))
