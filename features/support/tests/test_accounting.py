"""Accounts made by hand: each promise that can be broken is, and the account names it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from features.support.actors.customers import Customer
from features.support.answers import Answer
from features.support.load.accounting import Account, Entry, Kind, Violation, account

Requests = list[tuple[str, str | None, str]]
"""What was answered (an order's ID, "refused" or "unknown"), the key, and the product."""


def order(number: str, product_id: str = "cup", **other: object) -> dict[str, Any]:
    sold = {"name": "Cup", "price": {"amount": 1, "currency": "EUR"}}
    whole = {"id": number, "productId": product_id, "userId": "u", "createdAt": "2026-11-23T00:00:00.000Z"}
    return {**whole, "product": sold, **other}


def asked(answered: str, key: str | None = None, product: str = "cup") -> tuple[str, str | None, str]:
    return answered, key, product


def accounted(requests: Requests, stored: list[dict[str, Any]]) -> Account:
    customer = Customer("ann@example.com", account={"id": "u"})
    entries = [_entry(customer, *request) for request in requests]
    for entry in entries:
        if entry.answer and entry.order_id:
            customer.orders[entry.order_id] = entry.answer.json()
    return account(customer, entries, stored)


def _entry(customer: Customer, answered: str, key: str | None, product: str) -> Entry:
    if answered == "silence":
        return Entry(customer, product, key, None, "r")
    status, content = {
        "refused": (503, {"type": "urn:problem:users-unavailable"}),
        "unknown": (502, {"type": "urn:problem:bad-gateway"}),
    }.get(answered, (201, order(answered, product)))
    return Entry(customer, product, key, Answer("r", status, (), json.dumps(content).encode(), 1.0), "r")


@pytest.mark.parametrize(
    ("requests", "there", "expected"),
    [
        ([asked("o1")], [order("o1")], []),
        ([asked("o1")], [], [Kind.LOST]),
        ([asked("o1")], [order("o2")], [Kind.LOST, Kind.DOUBLED]),
        ([asked("o1"), asked("o1")], [order("o1")], [Kind.LOST]),
        ([asked("o1", "k"), asked("o1", "k")], [order("o1")], []),
        ([asked("o1")], [order("o1"), order("o2")], [Kind.DOUBLED]),
        ([asked("o1")], [order("o1"), order("o1")], [Kind.DOUBLED]),
        ([asked("o1", "k"), asked("o2", "k")], [order("o1"), order("o2")], [Kind.DOUBLED]),
        ([asked("unknown", "k"), asked("o1", "k")], [order("o1"), order("o2")], [Kind.DOUBLED]),
        ([asked("unknown")], [], []),
        ([asked("silence")], [order("o1")], []),
        ([asked("unknown")], [order("o1"), order("o2")], [Kind.DOUBLED]),
        ([asked("unknown", "k"), asked("unknown", "k")], [order("o1"), order("o2")], [Kind.DOUBLED]),
        ([asked("unknown"), asked("unknown")], [order("o1"), order("o2")], []),
        ([asked("unknown", product="tea")], [order("o1")], [Kind.STRAY]),
        ([asked("refused")], [], []),
        ([asked("refused")], [order("o1")], [Kind.STRAY]),
        ([asked("o1")], [order("o1", product={})], [Kind.DAMAGED]),
        ([asked("unknown")], [order("o1", product={"name": "Cup", "price": None})], [Kind.DAMAGED]),
        ([asked("unknown")], [order("o1", userId="v")], [Kind.DAMAGED]),
        ([asked("unknown")], [{k: v for k, v in order("o1").items() if k != "createdAt"}], [Kind.DAMAGED]),
        ([asked("o1")], [order("o1", createdAt="later")], [Kind.DAMAGED]),
        ([asked("unknown")], [order("o1", note="one part more")], []),
    ],
)
def test_each_broken_promise_is_named(requests: Requests, there: list[dict[str, Any]], expected: list[Kind]) -> None:
    assert [violation.kind for violation in accounted(requests, there).violations] == expected


def test_half_an_order_is_named_with_what_it_lacks() -> None:
    half = order("o1", userId="v", product={"name": "Cup"})
    (damage,) = accounted([asked("unknown")], [half]).violations
    assert damage.words == f"half an order, for its product.price, userId: {half}"


def test_the_figures() -> None:
    requests = [asked("o1"), asked("unknown"), asked("unknown"), asked("refused")]
    found = accounted(requests, [order("o1"), order("o2")])
    assert str(found) == "acknowledged 1, refused 1, unknown 2 (found 1), lost 0, doubled 0, stray 0, damaged 0"
    assert (found + found).found == 2


def test_a_violation_names_the_order_and_its_request() -> None:
    (violation,) = accounted([asked("o1")], []).violations
    assert str(violation) == "lost: o1 of ann@example.com [r]"


def test_of_many_violations_the_rest_is_counted() -> None:
    many = Account(violations=tuple(Violation(Kind.LOST, str(number)) for number in range(12)))
    with pytest.raises(AssertionError) as broken:
        many.require()
    assert str(broken.value).splitlines()[-2:] == ["lost: 9", "… and 2 more"]
