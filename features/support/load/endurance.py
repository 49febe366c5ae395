"""Rounds of the same: customers order, the orders service is killed and started again, every order is accounted for."""

import random
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from features.support.actors.customers import Customer
from features.support.client import NoAnswer
from features.support.faults.faults import Faults
from features.support.load.accounting import OPEN, Account
from features.support.load.ledger import Ledger
from features.support.load.rounds import ACCEPTED, Rounds

BEFORE, AFTER = (0.1, 1.0), (0.05, 0.3)
"""Seconds of ordering before the kill, and after the first order that is acknowledged again: random within each."""
PAUSE = 0.2
"""Seconds after an unknown outcome."""
REPEATED = 0.2
"""The part of the acknowledged orders that a customer with a key asks for again, as if the answer had been lost."""


@dataclass
class Endurance(Rounds):
    """The plan on a stack. `recoveries` are the seconds from each kill to the next order that was acknowledged."""

    faults: Faults
    recoveries: list[float] = field(default_factory=list)
    _ledgers: list[Ledger] = field(default_factory=list)
    _account: Account = field(default_factory=Account)

    def run(self) -> None:
        """All rounds, each with customers of its own. Raises AssertionError at the first broken promise."""
        for _ in range(self.plan.rounds):
            people = self._people()
            self._ledgers.append(Ledger(self.shop))
            self.recoveries.append(self._recovery(people))
            self._account += self._ledgers[-1].account()
            self._account.require()

    def settle(self) -> None:
        """The account of all rounds, each key repeated until its outcome is known. Raises AssertionError."""
        self._account = sum((ledger.settled() for ledger in self._ledgers), Account())
        self._account.require()

    def __str__(self) -> str:
        """The figures so far."""
        times = [round(seconds * 1000) for seconds in self.recoveries]
        recovery = (
            f"kill → next acknowledged order: median {median(times):.0f} ms, max {max(times)} ms" if times else ""
        )
        return "\n".join(filter(None, [self.plan.words(len(times)), str(self._account), recovery]))

    def _recovery(self, people: Sequence[Customer]) -> float:
        """One round; the seconds until an order is acknowledged again."""
        with self._ordering([partial(self._order_on, *each) for each in enumerate(people)]) as let_pass:
            let_pass(BEFORE)
            began = time.monotonic()
            self.faults.pass_by(self.plan.service, "killed", partial(self._is_served, people[0], str(uuid.uuid4())))
            recovery = time.monotonic() - began
            let_pass(AFTER)
        return recovery

    def _is_served(self, customer: Customer, key: str) -> None:
        """Raises AssertionError while the customer's order is not acknowledged."""
        answer = self._ledgers[-1].order(self.shop, customer, self._products[0], key)
        assert answer.status == ACCEPTED, f"not back yet: {answer}"

    def _order_on(self, number: int, customer: Customer, over: threading.Event) -> None:
        """Every second customer orders under keys, and repeats until the outcome is known."""
        luck = random.Random(f"{self.plan.seed} {len(self._ledgers)} {number}")  # noqa: S311  # as above
        while not over.is_set():
            product = luck.choice(self._products)
            if number % 2:
                self._is_settled(customer, product, None, over)
                continue
            key = str(uuid.uuid4())
            while not self._is_settled(customer, product, key, over) or luck.random() < REPEATED:
                if over.is_set():
                    return

    def _is_settled(self, customer: Customer, product: str, key: str | None, over: threading.Event) -> bool:
        """Order once; whether the outcome is known."""
        try:
            answer = self._ledgers[-1].order(self.shop, customer, product, key)
        except NoAnswer:
            over.wait(PAUSE)
            return False
        if answer.status != ACCEPTED:
            over.wait(PAUSE)
        return answer.code not in OPEN
