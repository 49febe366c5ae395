"""The order invariant after a fault: what the ledger makes of a shop that breaks a promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from features.support.actors.customers import Customer
from features.support.answers import Answer
from features.support.load.ledger import Ledger
from features.support.shop import Shop

PRODUCT = {"name": "Cup", "price": {"amount": 1, "currency": "EUR"}}


def answer(status: int, content: object) -> Answer:
    return Answer("made_up.L1.1-run", status, (), json.dumps(content).encode(), 1.0)


class MadeUpShop(Shop):
    """A shop with two orders' worth of manners: `again` is what it answers to a key that it knows."""

    def __init__(self, again: Again) -> None:
        self.again = again
        self.first: dict[str | None, Answer] = {}
        self.stored: dict[str, dict[str, Any]] = {}

    def order(self, token: str | None, details: Any, *, key: str | None = None) -> Answer:
        if key in self.first:
            return self.again(self, key)
        return self.first.setdefault(key, self.made(details["productId"]))

    def made(self, product_id: str) -> Answer:
        number = str(len(self.stored) + 1)
        order = {"id": number, "productId": product_id, "userId": "u", "createdAt": "now", "product": PRODUCT}
        self.stored[number] = order
        return answer(201, order)

    def order_pages(self, token: str | None, limit: int | None) -> Any:
        return [answer(200, {"items": list(self.stored.values()), "next": None})]

    def order_at(self, token: str | None, location: str) -> Answer:
        return answer(200, self.stored[location.rpartition("/")[2]])


Again: TypeAlias = Callable[[MadeUpShop, str | None], Answer]


def signed_in(name: str) -> Customer:
    customer = Customer(f"{name}@example.com", account={"id": "u"})
    customer.token = customer.own_token = "t"  # noqa: S105  # the made-up shop's
    return customer


def first_answer(shop: MadeUpShop, key: str | None) -> Answer:
    return shop.first[key]


def ordered(shop: MadeUpShop) -> Ledger:
    """Two orders of one customer, each under a key."""
    ledger = Ledger(shop)
    customer = signed_in("ann")
    for key in ("one", "two"):
        ledger.order(shop, customer, "cup", key)
    return ledger


def test_a_key_that_is_answered_as_at_first_is_as_it_should_be() -> None:
    ordered(MadeUpShop(first_answer)).check()


@pytest.mark.parametrize(
    "again",
    [
        lambda shop, key: answer(409, {"type": "urn:problem:conflict"}),
        lambda shop, key: shop.made("cup"),
        lambda shop, key: shop.first["one" if key == "two" else "two"],
        lambda shop, key: answer(201, {**shop.first[key].json(), "createdAt": "later"}),
    ],
    ids=["a refusal", "a new order", "the order of another key", "the order, changed"],
)
def test_a_key_that_was_acknowledged_is_answered_with_its_order_and_nothing_else(again: Again) -> None:
    with pytest.raises(AssertionError, match="a key that was acknowledged is not answered with its order"):
        ordered(MadeUpShop(again)).check()


def test_a_key_whose_outcome_is_unknown_is_repeated_until_it_is_known() -> None:
    answers = [
        answer(502, {"type": "urn:problem:bad-gateway"}),
        answer(409, {"type": "urn:problem:request-in-progress"}),
    ]
    shop = MadeUpShop(lambda shop, key: answers.pop() if answers else shop.made("cup"))
    shop.first["open"] = answers[0]
    ledger, customer = Ledger(shop), signed_in("bea")
    ledger.order(shop, customer, "cup", "open")
    account = ledger.settled()
    assert (account.acknowledged, account.unknown, account.violations) == (1, 0, ())


def test_an_order_that_reads_otherwise_by_itself_is_damaged() -> None:
    class Forgetful(MadeUpShop):
        def order_at(self, token: str | None, location: str) -> Answer:
            return answer(404, {"type": "urn:problem:order-not-found"})

    with pytest.raises(AssertionError, match="damaged 2"):
        ordered(Forgetful(first_answer)).check()


def test_an_order_that_is_gone_is_lost() -> None:
    shop = MadeUpShop(first_answer)
    ledger = ordered(shop)
    del shop.stored["2"]
    with pytest.raises(AssertionError, match=r"lost: 2 of ann@example.com \[made_up"):
        ledger.check()
