"""Holds what was read back against what was done (after Jepsen's set checker)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ops.history.operations import Operation, request_id
from ops.history.orders import Order
from ops.trace.trace_link import TraceLink

IN_FULL = 10
"""How many violations of a run are told with the requests that they show in."""


class Wrong(StrEnum):
    """What can be wrong with an order."""

    LOST = "lost"
    """Acknowledged, and not there."""
    DOUBLED = "doubled"
    """There more often than it can have been ordered."""
    STRAY = "stray"
    """There, and nobody ordered it, or its customer was told that nothing was ordered."""
    DAMAGED = "damaged"
    """There, but not whole, or not what was ordered."""
    UNSETTLED = "unsettled"
    """Repeated with its key until the end, and never acknowledged, or refused after it was."""


@dataclass(frozen=True)
class Violation:
    """One broken promise: the operations and the order IDs that it shows in."""

    wrong: Wrong
    customer: str
    product: str
    operations: tuple[str, ...]
    orders: tuple[str, ...]
    detail: str = ""
    attempts: int = 1
    """At the first of the operations."""

    def lead(self, run: str) -> str:
        """What to trace in that run: the ID of its one request, or a glob for several; empty where there is none."""
        every = "*" if self.attempts > 1 else 1
        return request_id(self.operations[0], every, run) if self.operations else ""

    def __str__(self) -> str:
        said = f" ({self.detail})" if self.detail else ""
        by = f"{self.customer}, operation {', '.join(self.operations) or 'none'}"
        return f"{self.wrong}: order {', '.join(self.orders) or 'none'} of {self.product} by {by}{said}"


@dataclass(frozen=True)
class Finding:
    """`found`: how many of the `unknown` turned out to have been ordered."""

    acknowledged: int
    unknown: int
    found: int
    failed: int
    violations: tuple[Violation, ...]

    def count(self, wrong: Wrong) -> int:
        """How many violations of that kind."""
        return sum(violation.wrong == wrong for violation in self.violations)


@dataclass(frozen=True)
class _Group:
    """All that one customer did about one product, and all that was read back of it."""

    customer: str
    product: str
    operations: Sequence[Operation]
    orders: Sequence[Order]

    def of(self, verdict: str) -> list[Operation]:
        return [operation for operation in self.operations if operation.verdict == verdict]

    @property
    def acknowledged(self) -> Counter[str]:
        return Counter(order for operation in self.operations for order in operation.acknowledged)

    @property
    def read(self) -> Counter[str]:
        return Counter(order.id for order in self.orders)

    @property
    def extra(self) -> list[str]:
        """Orders that nobody got an answer about."""
        return [order for order in self.read if order not in self.acknowledged]

    def wrongs(self, over: bool) -> Iterator[Violation]:
        yield from self._lost()
        yield from self._doubled()
        yield from self._surplus()
        for order in self.orders:
            if order.faults:
                yield self._violation(Wrong.DAMAGED, self.operations, [order.id], "; ".join(order.faults))
        for operation in self.operations:
            if over and operation.keyed and not operation.settled:
                yield self._violation(Wrong.UNSETTLED, [operation], operation.acknowledged, operation.why)

    def _lost(self) -> Iterator[Violation]:
        for order, times in self.acknowledged.items():
            if order not in self.read:
                by = self._acknowledged_as(order)
                yield self._violation(
                    Wrong.LOST, by, [order], by[0].acknowledged_at and f"acknowledged at {by[0].acknowledged_at}"
                )
            elif times > 1:
                yield self._violation(Wrong.LOST, self._acknowledged_as(order), [order], "one order for several")

    def _doubled(self) -> Iterator[Violation]:
        for operation in self.operations:
            if len(operation.acknowledged) > 1:
                yield self._violation(Wrong.DOUBLED, [operation], operation.acknowledged, "one key")
        for order, times in self.read.items():
            if times > 1:
                yield self._violation(Wrong.DOUBLED, self._acknowledged_as(order), [order], f"listed {times} times")

    def _surplus(self) -> Iterator[Violation]:
        """More orders without an answer than operations without one."""
        if len(self.extra) <= len(self.of("unknown")):
            return
        possible = len(self.of("ok")) + len(self.of("unknown"))
        wrong = Wrong.DOUBLED if 0 < possible < len(self.read) else Wrong.STRAY
        yield self._violation(wrong, self.operations, self.extra)

    def _acknowledged_as(self, order: str) -> list[Operation]:
        return [operation for operation in self.operations if order in operation.acknowledged]

    def _violation(
        self, wrong: Wrong, operations: Iterable[Operation], orders: Iterable[str], detail: str = ""
    ) -> Violation:
        done = list(operations)
        attempts = done[0].attempts if done else 0
        names = tuple(operation.id for operation in done)
        return Violation(wrong, self.customer, self.product, names, tuple(orders), detail, attempts)


def check(operations: Iterable[Operation], orders: Iterable[Order], *, over: bool = True) -> Finding:
    """Every acknowledged order exactly once, every unknown at most once, nothing else, and all of them whole.

    Unless it is `over`, an operation with a key may still be open. Orders are told apart by customer and product: a
    doubled one can hide only behind an unknown one of the same product by the same customer.
    """
    groups = _groups(operations, orders)
    return Finding(
        acknowledged=sum(len(group.of("ok")) for group in groups),
        unknown=sum(len(group.of("unknown")) for group in groups),
        found=sum(min(len(group.extra), len(group.of("unknown"))) for group in groups),
        failed=sum(len(group.of("failed")) for group in groups),
        violations=tuple(violation for group in groups for violation in group.wrongs(over)),
    )


def in_words(violations: Sequence[Violation], run: str) -> Iterator[str]:
    """The first of them, each with the command that traces its requests in that run, and how many more there are."""
    leads = TraceLink(run)
    for violation in violations[:IN_FULL]:
        yield str(violation)
        if lead := violation.lead(run):
            yield f"    {leads.command(lead)}"
    if more := violations[IN_FULL:]:
        yield f"… and {len(more)} more"


def _groups(operations: Iterable[Operation], orders: Iterable[Order]) -> list[_Group]:
    done: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    read: dict[tuple[str, str], list[Order]] = defaultdict(list)
    for operation in operations:
        done[operation.customer, operation.product].append(operation)
    for order in orders:
        read[order.customer, order.product].append(order)
    return [_Group(*pair, done.get(pair, []), read.get(pair, [])) for pair in {**done, **read}]
