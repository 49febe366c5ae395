"""Load that lasts: customers who order again and again, others who look around, and what orders uses meanwhile."""

import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, wait
from dataclasses import asdict, astuple, dataclass, field
from statistics import median
from typing import TypeAlias

from features.support.actors.customers import Customer, visitor
from features.support.answers import Answer
from features.support.exchanges import Exchanges, Request
from features.support.load.ledger import Ledger
from features.support.shop import Shop
from ops.api import Stack, Usage, crowd, usage

BRACKETED = re.compile(r"\[([\w.-]+)\]")
PRODUCT = "espresso-cup"
SERVICE = "orders"
BREATH = 0.6
"""Seconds between the orders of one window."""
GLANCE = 0.2
"""Seconds between the requests of somebody who looks around."""
SIGHT = 0.25
"""Seconds between two looks at what orders uses."""
WARM_UP = 2 * BREATH
"""Seconds in which every window orders for the first time, at the latest."""

Part: TypeAlias = Callable[[threading.Event], None]


@dataclass(frozen=True)
class Unwritten(Exchanges):
    """A crowd asks for more than anybody wants to read: in the journal are requests without an answer, and suspects."""

    _answered: dict[str, tuple[Request, Answer]] = field(default_factory=dict)

    def answered(self, request: Request, answer: Answer) -> None:
        """Remembered, not written."""
        self._answered[answer.request_id] = request, answer

    def write_named(self, words: str) -> None:
        """Write the requests whose IDs stand in brackets in these words: the run then keeps their log lines, too."""
        for request_id in BRACKETED.findall(words):
            if exchange := self._answered.pop(request_id, None):
                super().answered(*exchange)


@dataclass
class Load:
    """`ordered` are the answers to those who ordered, in so many `windows`; `looked` those to the others.

    `used` is what orders used at each look; of those, so many were `cold`: not every window had ordered yet.
    """

    stack: Stack
    shop: Shop
    ledger: Ledger
    windows: int = 0
    ordered: list[Answer] = field(default_factory=list)
    looked: list[Answer] = field(default_factory=list)
    used: list[Usage] = field(default_factory=list)
    cold: int = 1

    def last(self, customers: Sequence[Customer], windows: int, seconds: float) -> None:
        """Let it last that long, with so many windows for each customer. Raises what anybody in it raised."""
        self.windows = windows * len(customers)
        self.used.append(usage(self.stack, SERVICE))
        order = [self._ordering(customer) for customer in customers for _ in range(windows)]
        parts = [self._part(self.ordered, action, BREATH) for action in order]
        parts += [self._part(self.looked, action, GLANCE) for action in self._looking(customers[0])]
        with crowd([*parts, self._watch]) as going:
            wait(going, seconds, FIRST_EXCEPTION)
        for each in going:
            each.result()

    def document(self) -> dict[str, object]:
        """The figures, as the journal keeps them."""
        used = {"before": self.used[0], "most": self.most(), "growth": self.growth()}
        return {
            "ordered": len(self.ordered),
            "looked": len(self.looked),
            **{name: asdict(one) for name, one in used.items()},
        }

    def growth(self) -> Usage:
        """What orders used in the last third of the looks more than in the first, by the median, the cold left out."""
        warm = self.used[self.cold :]
        third = max(1, len(warm) // 3)
        early, late = _each(median, warm[:third]), _each(median, warm[-third:])
        return Usage(*(after - before for before, after in zip(astuple(early), astuple(late), strict=True)))

    def most(self) -> Usage:
        """The most that it used at any time."""
        return _each(max, self.used)

    def _part(self, heard: list[Answer], ask: Callable[[], Answer], pause: float) -> Part:
        def again_and_again(over: threading.Event) -> None:
            over.wait(random.random() * pause)  # noqa: S311  # so that not all come at once, no secret
            while not over.wait(pause):
                heard.append(ask())

        return again_and_again

    def _ordering(self, customer: Customer) -> Callable[[], Answer]:
        return lambda: self.ledger.order(self.shop, customer, PRODUCT, None)

    def _looking(self, customer: Customer) -> Sequence[Callable[[], Answer]]:
        """What needs orders without products, products without orders, and neither of them."""
        return (
            lambda: self.shop.orders(customer.token),
            lambda: self.shop.product(PRODUCT),
            lambda: self.shop.register(visitor().details()),
        )

    def _watch(self, over: threading.Event) -> None:
        warm_at = time.monotonic() + WARM_UP
        while not over.wait(SIGHT):
            self.used.append(usage(self.stack, SERVICE))
            if time.monotonic() < warm_at:
                self.cold = len(self.used)


def _each(figure: Callable[[Iterable[int]], float], used: Sequence[Usage]) -> Usage:
    return Usage(*(round(figure(values)) for values in zip(*map(astuple, used), strict=True)))
