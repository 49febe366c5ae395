"""What must hold of orders, whatever failed meanwhile: the requests of a customer against the orders in the shop."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from features.support.actors.customers import Customer
from features.support.answers import Answer

LOST_BY_THE_GATEWAY = ("bad-gateway", "gateway-timeout")
UNKNOWN = ("outcome-unknown", *LOST_BY_THE_GATEWAY)
OPEN = ("request-in-progress", *UNKNOWN)
"""Codes of answers to a repeated key that leave its outcome unknown."""
PARTS = {"id", "productId", "userId", "createdAt", "product"}
PARTS_OF_A_PRODUCT = {"name", "price"}
SHOWN = 10
"""Violations that are shown; the rest is counted."""

Order: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One request for an order; `answer` is None where no usable one came."""

    customer: Customer
    product_id: str
    key: str | None
    answer: Answer | None
    request_id: str = ""

    @property
    def order_id(self) -> str | None:
        """The order's ID, if it was acknowledged."""
        return str(self.answer.json()["id"]) if self.answer and self.answer.status == 201 else None

    @property
    def is_unknown(self) -> bool:
        """Whether the outcome is unknown: no service's own answer reached the customer."""
        return self.answer is None or self.answer.code in UNKNOWN


class Kind(StrEnum):
    """What can be wrong with an order."""

    LOST = "lost"
    """Acknowledged, but not there."""
    DOUBLED = "doubled"
    """There more often than it was ordered."""
    STRAY = "stray"
    """There, but never ordered, or refused."""
    DAMAGED = "damaged"
    """There, but not whole, or not as it was acknowledged."""


@dataclass(frozen=True)
class Violation:
    """One broken promise; `words` name the order and its request."""

    kind: Kind
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


@dataclass(frozen=True)
class Account:
    """Orders by their outcome; `found` is how many of the unknown ones are there."""

    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    found: int = 0
    violations: tuple[Violation, ...] = ()

    def __add__(self, other: Account) -> Account:
        return Account(
            self.acknowledged + other.acknowledged,
            self.refused + other.refused,
            self.unknown + other.unknown,
            self.found + other.found,
            self.violations + other.violations,
        )

    def __str__(self) -> str:
        kinds = Counter(violation.kind for violation in self.violations)
        wrong = ", ".join(f"{kind} {kinds[kind]}" for kind in Kind)
        known = f"acknowledged {self.acknowledged}, refused {self.refused}"
        return f"{known}, unknown {self.unknown} (found {self.found}), {wrong}"

    def require(self) -> Account:
        """The account itself. Raises AssertionError when it has a violation."""
        more = len(self.violations) - SHOWN
        words = [*map(str, self.violations[:SHOWN]), *([f"… and {more} more"] if more > 0 else [])]
        assert not self.violations, "\n".join([str(self), *words])
        return self


@dataclass(frozen=True)
class _Operation:
    """All requests for one order: those under one key, or a single one without."""

    entries: Sequence[Entry]

    @property
    def orders(self) -> list[str]:
        return list(dict.fromkeys(entry.order_id for entry in self.entries if entry.order_id))

    @property
    def is_unknown(self) -> bool:
        return not self.orders and any(entry.is_unknown for entry in self.entries)

    @property
    def product_id(self) -> str:
        decisive = [entry for entry in self.entries if entry.order_id or entry.is_unknown]
        return (decisive or self.entries)[0].product_id


def account(customer: Customer, entries: Iterable[Entry], stored: Sequence[Order]) -> Account:
    """The account of one customer, from their requests and from the orders that the shop lists for them."""
    operations = _operations(entries)
    unknown = Counter(one.product_id for one in operations if one.is_unknown)
    beyond = _beyond(customer, stored)
    acknowledged = sum(bool(one.orders) for one in operations)
    return Account(
        acknowledged=acknowledged,
        refused=len(operations) - acknowledged - unknown.total(),
        unknown=unknown.total(),
        found=sum(min(len(ids), unknown[product]) for product, ids in beyond.items()),
        violations=(
            *_lost(customer, operations, stored),
            *_doubled(operations, stored),
            *_surplus(operations, beyond, unknown),
            *_damaged(customer, stored),
        ),
    )


def _operations(entries: Iterable[Entry]) -> list[_Operation]:
    grouped: dict[Hashable, list[Entry]] = defaultdict(list)
    for number, entry in enumerate(entries):
        grouped[entry.key or number].append(entry)
    return [_Operation(group) for group in grouped.values()]


def _beyond(customer: Customer, stored: Iterable[Order]) -> dict[str, list[str]]:
    """The orders that no answer named, by product."""
    beyond: dict[str, list[str]] = defaultdict(list)
    for order in stored:
        if order["id"] not in customer.orders:
            beyond[str(order.get("productId"))].append(str(order["id"]))
    return beyond


def _lost(customer: Customer, operations: Sequence[_Operation], stored: Iterable[Order]) -> Iterator[Violation]:
    there = {order["id"] for order in stored}
    answered = Counter(order for operation in operations for order in operation.orders)
    requests = {entry.order_id: entry.request_id for operation in operations for entry in operation.entries}
    for order_id in customer.orders:
        told = f"{order_id} of {customer.email} [{requests.get(order_id, '')}]"
        if order_id not in there:
            yield Violation(Kind.LOST, told)
        elif answered[order_id] > 1:
            yield Violation(Kind.LOST, f"{told} is the answer to {answered[order_id]} orders")


def _doubled(operations: Iterable[_Operation], stored: Iterable[Order]) -> Iterator[Violation]:
    for operation in operations:
        if len(operation.orders) > 1:
            last = operation.entries[-1]
            yield Violation(Kind.DOUBLED, f"one key stands for {operation.orders} [{last.request_id}]")
    for order_id, times in Counter(order["id"] for order in stored).items():
        if times > 1:
            yield Violation(Kind.DOUBLED, f"{order_id} is listed {times} times")


def _surplus(
    operations: Iterable[_Operation], beyond: Mapping[str, Sequence[str]], unknown: Mapping[str, int]
) -> Iterator[Violation]:
    """More orders that no answer named than requests whose outcome is unknown."""
    ordered = {one.product_id: one.entries[-1].request_id for one in operations if one.orders or one.is_unknown}
    for product, ids in beyond.items():
        if len(ids) > unknown[product]:
            kind = Kind.DOUBLED if product in ordered else Kind.STRAY
            allowed = f"{unknown[product]} of {product} can be there"
            yield Violation(kind, f"{ids} were not acknowledged, and {allowed} [{ordered.get(product, '')}]")


def _damaged(customer: Customer, stored: Iterable[Order]) -> Iterator[Violation]:
    for order in stored:
        acknowledged = customer.orders.get(str(order["id"]))
        if acknowledged is not None and order != acknowledged:
            yield Violation(Kind.DAMAGED, f"{order} was acknowledged as {acknowledged}")
        elif wrong := _wrong(customer, order):
            yield Violation(Kind.DAMAGED, f"half an order, for its {', '.join(wrong)}: {order}")


def _wrong(customer: Customer, order: Order) -> list[str]:
    """The parts that are missing or empty, or the user if it is another; more parts than these are no damage."""
    product = order.get("product")
    parts = product if isinstance(product, dict) else {}
    wrong = {f"product.{part}" for part in PARTS_OF_A_PRODUCT if not parts.get(part)}
    wrong |= {part for part in PARTS if not order.get(part)}
    return sorted(wrong if order.get("userId") == customer.id else wrong | {"userId"})
