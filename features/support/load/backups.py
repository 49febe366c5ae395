"""Rounds of the same: customers order, the orders service is backed up and later gets its backup back."""

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from threading import Event

from features.support.actors.customers import Customer
from features.support.answers import Answer
from features.support.load.ledger import Ledger
from features.support.load.rounds import ACCEPTED, SERVICE, Rounds
from ops.api import Stack, output

FILE = '"${DATABASE_URL#sqlite:///}.backup"'
"""For a shell where the service runs: beside its database."""
BEFORE, AFTER = (0.3, 1.0), (0.1, 0.5)
"""Seconds of ordering before a backup begins, and after it has ended: random within each."""
REPEATED = 5
"""Keys of each customer that are used once more after a backup is back."""


@dataclass
class Backups(Rounds):
    """The plan on a stack. `copied` and `restored` are seconds, the start of the command included."""

    stack: Stack
    promised: int = 0
    lost: list[str] = field(default_factory=list)
    beyond: int = 0
    refused: list[Answer] = field(default_factory=list)
    copied: list[float] = field(default_factory=list)
    restored: list[float] = field(default_factory=list)

    def run(self) -> None:
        """All rounds, each with customers of its own, until one has lost something; the file is removed at the end."""
        try:
            for _ in range(self.plan.rounds):
                self._round(self._people())
                if self.lost:
                    return
        finally:
            self._run(f"rm -f {FILE}")

    def settle(self) -> None:
        """Raises AssertionError if an order is lost that was acknowledged before a backup began.

        Also if more than one of a hundred is refused; a few are on a busy machine.
        """
        assert self.promised, "nothing was acknowledged before a backup began"
        assert not self.lost, "\n".join(self.lost)
        accepted = self.promised + self.beyond
        assert len(self.refused) * 100 <= accepted, f"{len(self.refused)} beside {accepted}: {self.refused[0]}"

    def __str__(self) -> str:
        """The figures so far."""
        plan = self.plan.words(len(self.restored))
        kept = f"acknowledged before a backup began {self.promised}, lost {len(self.lost)}; later ones {self.beyond}"
        return "\n".join([plan, kept, _line("backup", self.copied), _line("restored", self.restored)])

    def _round(self, people: Sequence[Customer]) -> None:
        ledger, keys = Ledger(self.shop), [dict[str, str]() for _ in people]
        shopping = [partial(self._order_on, ledger, *each) for each in zip(people, keys, strict=True)]
        with self._ordering(shopping) as let_pass:
            let_pass(BEFORE)
            promised = [dict(theirs) for theirs in keys]
            self.copied.append(self._took("backup"))
            let_pass(AFTER)
        self.restored.append(self._took("restore-backup"))
        for customer, theirs in zip(people, promised, strict=True):
            self.lost += self._lost(ledger, customer, theirs)
        self.promised += sum(map(len, promised))
        self.beyond += sum(map(len, keys)) - sum(map(len, promised))

    def _lost(self, ledger: Ledger, customer: Customer, promised: dict[str, str]) -> Iterator[str]:
        """Promised orders that are not there as they were acknowledged, or whose key orders something else."""
        there = {order["id"]: order for order in ledger.stored(customer)}
        for order_id in promised.values():
            if there.get(order_id) != customer.orders[order_id]:
                yield f"lost: order {order_id} of {customer.email}"
        for key in list(promised)[-REPEATED:]:
            again = ledger.order(self.shop, customer, self._products[0], key)
            if again.status != ACCEPTED or again.json()["id"] != promised[key]:
                yield f"ordered again: {key} of {customer.email}: {again}"

    def _order_on(self, ledger: Ledger, customer: Customer, kept: dict[str, str], over: Event) -> None:
        """Note each order under its key once it is acknowledged."""
        while not over.is_set():
            key = str(uuid.uuid4())
            answer = ledger.order(self.shop, customer, self._products[0], key)
            if answer.status == ACCEPTED:
                kept[key] = answer.json()["id"]
            else:
                self.refused.append(answer)

    def _took(self, command: str) -> float:
        began = time.monotonic()
        self._run(f"python -P -m services.{SERVICE} {command} {FILE}")
        return time.monotonic() - began

    def _run(self, line: str) -> None:
        output(self.stack, SERVICE, "sh", "-c", line)


def _line(name: str, times: Sequence[float]) -> str:
    return f"{name}: median {median(times) * 1000:.0f} ms, max {max(times) * 1000:.0f} ms" if times else f"{name}: none"
