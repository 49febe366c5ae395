"""A rush: customers who order again and again, others who look around, and what orders uses all that time."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from statistics import median

from features.support.answers import Answer
from features.support.customers import Customer, visitor
from features.support.exchanges import Exchanges, Request
from features.support.ledger import Ledger
from features.support.shop import Shop
from ops.api import Stack, Usage

PRODUCT = "espresso-cup"
SERVICE = "orders"
BREATH = 0.1
"""Seconds between a customer's requests."""
SIGHT = 0.25
"""Seconds between two looks at what orders uses."""
WARM_UP = 1.0
"""Seconds in which everything is used for the first time."""


class Unwritten(Exchanges):
    """In a minute a crowd asks for more than anybody wants to read: only what is not answered is written down."""

    def answered(self, request: Request, answer: Answer) -> None:
        """Is counted by who asked."""


@dataclass
class Rush:
    """`asked` are the answers to those who ordered, `looked` those to the others, `used` what orders used."""

    stack: Stack
    shop: Shop
    ledger: Ledger
    asked: list[Answer] = field(default_factory=list)
    looked: list[Answer] = field(default_factory=list)
    used: list[Usage] = field(default_factory=list)

    def last(self, customers: Sequence[Customer], seconds: float) -> None:
        """Let it last that long. Raises what anybody in it raised."""
        self.used.append(self.stack.usage(SERVICE))
        over = threading.Event()
        parts = [self._part(self.asked, self._ordering(customer), over) for customer in customers]
        parts += [self._part(self.looked, deed, over) for deed in self._looking(customers[0])]
        parts.append(lambda: self._watch(over))
        with ThreadPoolExecutor(len(parts)) as crowd:
            going = [crowd.submit(part) for part in parts]
            wait(going, seconds, FIRST_EXCEPTION)
            over.set()
        for each in going:
            each.result()

    def document(self) -> dict[str, object]:
        """The figures, as the journal keeps them."""
        usage = {"before": self.used[0], "most": self.most(), "growth": self.growth()}
        return {
            "asked": len(self.asked),
            "looked": len(self.looked),
            **{name: asdict(one) for name, one in usage.items()},
        }

    def growth(self) -> Usage:
        """What orders used in the last third of the time more than in the first, both as a rule (median)."""
        warm = self.used[round(WARM_UP / SIGHT) :]
        third = len(warm) // 3
        early, late = warm[:third], warm[-third:]
        return Usage(
            memory=round(median(one.memory for one in late) - median(one.memory for one in early)),
            threads=round(median(one.threads for one in late) - median(one.threads for one in early)),
            connections=round(median(one.connections for one in late) - median(one.connections for one in early)),
        )

    def most(self) -> Usage:
        """The most that it used at any time."""
        return Usage(
            max(one.memory for one in self.used),
            max(one.threads for one in self.used),
            max(one.connections for one in self.used),
        )

    def _part(self, heard: list[Answer], ask: Callable[[], Answer], over: threading.Event) -> Callable[[], None]:
        def again_and_again() -> None:
            while not over.wait(BREATH):
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
        while not over.wait(SIGHT):
            self.used.append(self.stack.usage(SERVICE))
