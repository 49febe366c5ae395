"""Which faults are in force."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ops.faults.catalogue import KINDS
from ops.faults.proxy.attempts import Attempt, Filter
from ops.faults.proxy.cuts import Cut, Down
from ops.faults.proxy.kind import Kind
from ops.faults.proxy.stats import Hit, Tally

LONGEST: Final = 300.0
"""Seconds after which a fault ends by itself, so that one whose author was killed does not stay for ever."""
MOST: Final = 1_000
"""Faults in force at once."""


@dataclass
class Fault:
    """One fault: the requests that `wanted` matches get `kind`, `times` times (None: all), until `ends`.

    `since` is the number of the last attempt before it, `ends` a reading of the table's clock. `others` counts requests
    over its link that were not meant.
    """

    id: str
    wanted: Filter
    kind: Kind
    times: int | None
    since: int
    ends: float
    tally: Tally = field(default_factory=Tally)
    others: int = 0

    @property
    def takes_link(self) -> bool:
        """Whether no request even comes in while this is in force: the link refuses connections, or carries nothing."""
        is_whole = self.times is None and self.wanted == Filter(self.wanted.link)
        return is_whole and KINDS[self.kind.name].takes_link is not None

    def take(self, attempt: Attempt) -> Hit | None:
        """The hit, if this request is meant and the fault is not used up."""
        if not self.wanted.matches(attempt):
            self.others += self.wanted.link == attempt.link
            return None
        if self.times is not None and self.tally.fired >= self.times:
            return None
        attempt.injected = self.id
        return Hit(attempt, self.tally)

    def as_json(self, now: float) -> dict[str, object]:
        """What was asked for, for how many more seconds by a reading of the table's clock, and what it did."""
        return {
            "id": self.id,
            "link": self.wanted.link,
            "requestIds": self.wanted.request_ids,
            "paths": self.wanted.paths,
            "kind": self.kind.name,
            "settings": self.kind.settings(),
            "times": self.times,
            "since": self.since,
            "seconds": round(max(0.001, self.ends - now), 3),
            "others": self.others,
            **self.tally.as_json(),
        }


class FaultTable:
    """The faults in force, oldest first; of two that match a request the older one takes it."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._faults: dict[str, Fault] = {}
        self.clock = clock
        self._numbered = 0

    def add(
        self,
        wanted: Filter,
        kind: Kind,
        *,
        times: int | None,
        since: int = 0,
        seconds: float = LONGEST,
        fault_id: str | None = None,
    ) -> Fault:
        """Raises ValueError when there are too many."""
        if len(self.in_force()) >= MOST:
            raise ValueError(f"there are {MOST} faults in force already")
        self._numbered += 1
        fault = Fault(fault_id or f"f{self._numbered}", wanted, kind, times, since, self.clock() + seconds)
        self._faults[fault.id] = fault
        return fault

    def get(self, fault_id: str) -> Fault | None:
        """The fault, or None if there is none of this ID (any more)."""
        self._expire()
        return self._faults.get(fault_id)

    def remove(self, fault_id: str) -> None:
        """What this fault keeps waiting is let go."""
        if fault := self._faults.pop(fault_id, None):
            fault.tally.halt()

    def in_force(self) -> list[Fault]:
        self._expire()
        return list(self._faults.values())

    def closes(self, link: str) -> bool:
        """Whether this link is not to listen."""
        return self._is_taken(link, Down)

    def cuts(self, link: str) -> bool:
        """Whether this link is to carry nothing."""
        return self._is_taken(link, Cut)

    def take(self, attempt: Attempt) -> tuple[Kind, Hit] | None:
        """What is to happen to this request, if anything: it counts for the oldest fault that it matches."""
        if not self._faults:
            return None
        for fault in self.in_force():
            if hit := fault.take(attempt):
                return fault.kind, hit
        return None

    def _is_taken(self, link: str, kind: type[Kind]) -> bool:
        taking = (fault for fault in self.in_force() if fault.takes_link and fault.wanted.link == link)
        return any(isinstance(fault.kind, kind) for fault in taking)

    def _expire(self) -> None:
        now = self.clock()
        for fault in [fault for fault in self._faults.values() if fault.ends <= now]:
            self.remove(fault.id)
