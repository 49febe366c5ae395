"""Which faults are in force."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ops.faults.attempts import Attempt, Filter
from ops.faults.kinds import Kind

LONGEST: Final = 300.0
"""Seconds after which a fault ends by itself, so that one whose author was killed does not stay for ever."""


@dataclass
class Fault:
    """One fault: the requests that `wanted` matches get `kind`, `times` times (None: all), until `ends`.

    `since` is the number of the last attempt before it, `ends` a reading of the book's clock.
    """

    id: str
    wanted: Filter
    kind: Kind
    times: int | None
    since: int
    ends: float
    fired: int = field(default=0)

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "link": self.wanted.link,
            "requestIds": self.wanted.request_ids,
            "paths": self.wanted.paths,
            "kind": self.kind.name,
            "times": self.times,
            "fired": self.fired,
            "since": self.since,
        } | self.kind.settings()


class Book:
    """The faults in force, oldest first; of two that match a request the older one takes it."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._faults: dict[str, Fault] = {}
        self._clock = clock
        self._numbered = 0

    def add(self, wanted: Filter, kind: Kind, *, times: int | None, since: int = 0, seconds: float = LONGEST) -> Fault:
        self._numbered += 1
        fault = Fault(f"f{self._numbered}", wanted, kind, times, since, self._clock() + seconds)
        self._faults[fault.id] = fault
        return fault

    def remove(self, fault_id: str) -> Fault | None:
        """The fault as it was, or None if there is none of this ID (any more)."""
        self._expire()
        return self._faults.pop(fault_id, None)

    def clear(self) -> list[Fault]:
        """Remove every fault; returns them as they were."""
        removed = self.in_force()
        self._faults.clear()
        return removed

    def in_force(self) -> list[Fault]:
        self._expire()
        return list(self._faults.values())

    def take(self, attempt: Attempt) -> Kind | None:
        """The kind of the oldest fault that matches this request and is not used up; it counts as fired."""
        if not self._faults:
            return None
        for fault in self.in_force():
            if fault.wanted.matches(attempt) and (fault.times is None or fault.fired < fault.times):
                fault.fired += 1
                attempt.injected = fault.id
                return fault.kind
        return None

    def _expire(self) -> None:
        now = self._clock()
        self._faults = {fault_id: fault for fault_id, fault in self._faults.items() if fault.ends > now}
