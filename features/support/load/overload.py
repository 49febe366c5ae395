"""More orders than can be placed: how many can, and what becomes of two and a half times as many."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle

from features.support.answers import Answer
from ops.api import NotProven, Usage

TIMES = 2.5
WAITING = 20
"""Who each wait for their answer, while it is found out how many orders can be placed."""
FINDING_OUT = 5.0
"""Seconds."""
AT_ONCE = 128
"""Requests that may be under way; more wait, and count as late."""
LATE = 1.0
"""Seconds by which a request may be sent after it is due: any more is the machine's trouble."""

Order = Callable[[], Answer]


@dataclass
class Overload:
    """`able` is how many orders are placed a second by those who wait for each answer.

    `answers` are those to the orders that come at fixed times, and `took` the seconds until the last was there. `used`
    is what the service used before and after them.
    """

    able: float = 0.0
    answers: list[Answer] = field(default_factory=list)
    took: float = 0.0
    used: list[Usage] = field(default_factory=list)

    @property
    def placed(self) -> float:
        """Orders a second, of those that came."""
        return sum(answer.status == 201 for answer in self.answers) / self.took

    def find_out(self, orders: Sequence[Order]) -> None:
        """Let customers order one after the other for a while."""
        began = time.monotonic()

        def again_and_again(order: Order) -> int:
            placed = 0
            while time.monotonic() < began + FINDING_OUT:
                placed += order().status == 201
            return placed

        with ThreadPoolExecutor(WAITING) as pool:
            choice = cycle(orders)
            placed = sum(pool.map(again_and_again, [next(choice) for _ in range(WAITING)]))
        self.able = placed / (time.monotonic() - began)
        assert self.able, "not one order was placed"

    def come(self, orders: Sequence[Order], times: float, seconds: int) -> None:
        """Let so many `times` what can be placed come a second, each at its time, however long the answers take.

        Raises NotProven where this machine is too slow to send them.
        """
        began, rate, choice = time.monotonic(), times * self.able, cycle(orders)

        def at(due: float, order: Order) -> tuple[float, Answer]:
            late = time.monotonic() - due
            return late, order()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            pending = []
            for number in range(round(rate * seconds)):
                due = began + number / rate
                time.sleep(max(0.0, due - time.monotonic()))
                pending.append(pool.submit(at, due, next(choice)))
            came = [one.result() for one in pending]
        self.took = time.monotonic() - began
        self.answers = [answer for _, answer in came]
        latest = max(late for late, _ in came)
        if latest > LATE:
            raise NotProven(f"an order was sent {latest:.1f} s after it was due: the machine has too much to do")
