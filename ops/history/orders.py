"""Orders as their customers read them back, and whether each is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Offer:
    """A product as the catalogue of the run has it; `amount` in minor units of EUR."""

    id: str
    name: str
    amount: int


@dataclass(frozen=True)
class Order:
    """An order in the list of `customer`; `faults` say what of it is missing or not as it was ordered."""

    id: str
    customer: str
    product: str
    faults: tuple[str, ...] = ()


def read_back(customer: str, account: str, document: Mapping[str, Any], offers: Mapping[str, Offer]) -> Order:
    """One item of `GET /orders` of that customer, whose account has that ID."""
    product = str(document.get("productId"))
    faults = _faults(account, document, offers.get(product))
    return Order(str(document.get("id")), customer, product, tuple(faults))


def _faults(account: str, document: Mapping[str, Any], offer: Offer | None) -> Iterator[str]:
    if not isinstance(document.get("id"), str):
        yield "it has no id"
    if document.get("userId") != account:
        yield f"its userId is {document.get('userId')!r}, not {account!r}"
    if not _is_time(document.get("createdAt")):
        yield f"its createdAt is {document.get('createdAt')!r}"
    sold = {"name": offer.name, "price": {"amount": offer.amount, "currency": "EUR"}} if offer else None
    if document.get("product") != sold:
        yield f"its product is {document.get('product')!r}, not {sold!r}"


def _is_time(value: object) -> bool:
    try:
        return str(value).endswith("Z") and datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False
