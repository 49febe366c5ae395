"""Rounds of the same: customers order, the orders service is killed and started again, every order is accounted for."""

import random
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Self

from features.support.actors import customers
from features.support.actors.customers import Customer
from features.support.client import NoAnswer
from features.support.faults.faults import Faults
from features.support.load.accounting import OPEN, Account
from features.support.load.ledger import Ledger
from features.support.shop import Shop
from ops.api import crowd

SERVICE = "orders"
ACCEPTED = 201
BEFORE, AFTER = (0.1, 1.0), (0.05, 0.3)
"""Seconds of ordering before the kill, and after the first order that is acknowledged again: random within each."""
PAUSE = 0.2
"""Seconds after an unknown outcome."""
REPEATED = 0.2
"""The part of the acknowledged orders that a customer with a key asks for again, as if the answer had been lost."""
SIGNED_IN_AT_A_TIME = 4


@dataclass(frozen=True)
class Plan:
    """How many rounds, how many customers in each, the seed of all that is random, and the service that is killed."""

    rounds: int = 3
    customers: int = 8
    seed: int = field(default_factory=lambda: random.randrange(1_000_000))  # noqa: S311  # no secret
    service: str = SERVICE

    @classmethod
    def read(cls, userdata: Mapping[str, str]) -> Self:
        """From `-D rounds=40 -D customers=8 -D seed=7 -D service=users`.

        Raises ValueError for what is no number, or too small.
        """
        numbers = {name: int(userdata[name]) for name in ("rounds", "customers", "seed") if name in userdata}
        plan = cls(**numbers, service=userdata.get("service", SERVICE))
        if plan.rounds < 1 or plan.customers < 2:
            raise ValueError(f"{plan}: it takes a round, and customers with a key and without")
        return plan


@dataclass
class Endurance:
    """The plan on a stack. `recoveries` are the seconds from each kill to the next order that was acknowledged."""

    plan: Plan
    shop: Shop
    faults: Faults
    recoveries: list[float] = field(default_factory=list)
    _ledgers: list[Ledger] = field(default_factory=list)
    _account: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        self._luck = random.Random(self.plan.seed)  # noqa: S311  # can be repeated, no secret
        self._products = [item["id"] for page in self.shop.catalogue_pages(100) for item in page.content()["items"]]

    def run(self) -> None:
        """All rounds, each with customers of its own. Raises AssertionError at the first broken promise."""
        for _ in range(self.plan.rounds):
            with ThreadPoolExecutor(SIGNED_IN_AT_A_TIME) as pool:
                people = list(pool.map(customers.signed_in, [self.shop] * self.plan.customers))
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
        plan = f"rounds {len(times)} of {self.plan.rounds}, customers {self.plan.customers}, seed {self.plan.seed}"
        return "\n".join(filter(None, [plan, str(self._account), recovery]))

    def _recovery(self, people: Sequence[Customer]) -> float:
        """One round; the seconds until an order is acknowledged again."""
        shopping = [partial(self._order_on, *each) for each in enumerate(people)]
        with crowd(shopping) as going:
            wait(going, self._luck.uniform(*BEFORE), FIRST_EXCEPTION)
            began = time.monotonic()
            self.faults.pass_by(self.plan.service, "killed", partial(self._is_served, people[0], str(uuid.uuid4())))
            recovery = time.monotonic() - began
            wait(going, self._luck.uniform(*AFTER), FIRST_EXCEPTION)
        for each in going:
            each.result()
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
