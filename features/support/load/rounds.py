"""Rounds of the same, each with customers of its own, who order while something happens to a service."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Self, TypeAlias

from features.support.actors import customers
from features.support.actors.customers import Customer
from features.support.shop import Shop
from ops.api import crowd

SERVICE = "orders"
ACCEPTED = 201
SIGNED_IN_AT_A_TIME = 4
Between: TypeAlias = tuple[float, float]
"""Seconds: random within these."""


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

    def words(self, done: int) -> str:
        """It in words, after so many rounds."""
        return f"rounds {done} of {self.rounds}, customers {self.customers}, seed {self.seed}"


@dataclass
class Rounds:
    """The plan on a stack: `run` does all rounds, `settle` says at the end whether all was kept."""

    plan: Plan
    shop: Shop

    def __post_init__(self) -> None:
        self._luck = random.Random(self.plan.seed)  # noqa: S311  # can be repeated, no secret
        self._products = [item["id"] for page in self.shop.catalogue_pages(100) for item in page.content()["items"]]

    def _people(self) -> list[Customer]:
        """The customers of a round, signed in."""
        with ThreadPoolExecutor(SIGNED_IN_AT_A_TIME) as pool:
            return list(pool.map(customers.signed_in, [self.shop] * self.plan.customers))

    @contextmanager
    def _ordering(self, actions: Sequence[Callable[[Event], None]]) -> Iterator[Callable[[Between], object]]:
        """They order while the block lasts; what it gets lets a time go by. Raises what one of them raised."""
        with crowd(actions) as going:
            yield lambda between: wait(going, self._luck.uniform(*between), FIRST_EXCEPTION)
        for each in going:
            each.result()
