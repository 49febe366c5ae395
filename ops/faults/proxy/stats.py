"""What a fault did to each request that it took on."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

from ops.faults.proxy.attempts import Attempt


@dataclass
class Tally:
    """Of `fired` requests that a fault took on, it had its effect on `took` and none on `missed`.

    Of the rest nothing can be said: they are still under way, or the fault or the client ended before. `held_ms` is the
    shortest time for which the fault kept a request waiting.
    """

    fired: int = 0
    took: int = 0
    missed: int = 0
    held_ms: float | None = None
    under_way: "set[Hit]" = field(default_factory=set)

    def halt(self) -> None:
        """The fault is over: nothing is kept waiting any longer."""
        for hit in list(self.under_way):
            hit.halt()

    def as_json(self) -> dict[str, object]:
        return {"fired": self.fired, "took": self.took, "missed": self.missed, "heldMs": self.held_ms}


class Hit:
    """One request that a fault has taken on, until `finish`."""

    def __init__(self, attempt: Attempt, tally: Tally) -> None:
        self.over = asyncio.Event()
        self._attempt = attempt
        self._tally = tally
        self._holding = False
        self._left = False
        tally.fired += 1
        tally.under_way.add(self)

    def confirm(self) -> None:
        """The fault has had its effect on this request."""
        if self._attempt.effect is None:
            self._attempt.effect = True
            self._tally.took += 1

    async def hold(self, seconds: float) -> bool:
        """Keep the request waiting; returns whether for all of that time: a fault that ends lets go at once."""
        begun, self._holding = time.monotonic(), True
        try:
            while (left := begun + seconds - time.monotonic()) > 0 and not self.over.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self.over.wait()
        finally:
            self._holding = False
            held = time.monotonic() - begun
            self._attempt.held_ms = round((self._attempt.held_ms or 0.0) + held * 1000, 3)
        return held >= seconds

    def halt(self) -> None:
        """The fault is over."""
        self.over.set()

    def leave(self) -> None:
        """The client leaves. To have been kept waiting until then is the whole effect of a delay."""
        self._left = True
        if self._holding or self._attempt.held_ms:
            self.confirm()

    def finish(self) -> None:
        """Nothing more is done to the request; what was not confirmed by now has missed, unless it was cut short."""
        self._tally.under_way.discard(self)
        if self._attempt.effect is None and not self.over.is_set() and not self._left:
            self._attempt.effect = False
            self._tally.missed += 1
        held = self._attempt.held_ms
        if self._attempt.effect and held is not None:
            self._tally.held_ms = min(held, self._tally.held_ms or held)
