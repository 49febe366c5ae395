"""The order invariant after a fault: what the features' ledger makes of a shop that breaks a promise."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ops.stacks.layout import ROOT

SHOP = """
import json, sys
from features.support.answers import Answer
from features.support.customers import Customer
from features.support.ledger import Ledger

PRODUCT = {"name": "Cup", "price": {"amount": 1, "currency": "EUR"}}

def answer(status, content):
    return Answer("made_up.L1.1-run", status, (), json.dumps(content).encode(), 1.0)

class Shop:
    def __init__(self, again):
        self.again, self.first, self.stored = again, {}, {}

    def order(self, token, details, *, key=None):
        if key in self.first:
            return self.again(self, key)
        return self.first.setdefault(key, self.made(details["productId"]))

    def made(self, product_id):
        number = str(len(self.stored) + 1)
        order = {"id": number, "productId": product_id, "userId": "u", "createdAt": "now", "product": PRODUCT}
        self.stored[number] = order
        return answer(201, order)

    def order_pages(self, token, limit):
        return [answer(200, {"items": list(self.stored.values()), "next": None})]

    def order_at(self, token, location):
        return answer(200, self.stored[location.rpartition("/")[2]])

AGAIN = {
    "the first answer": lambda shop, key: shop.first[key],
    "a refusal": lambda shop, key: answer(409, {"type": "urn:problem:conflict"}),
    "a new order": lambda shop, key: shop.made("cup"),
    "the order of another key": lambda shop, key: shop.first["one" if key == "two" else "two"],
    "the order, changed": lambda shop, key: answer(201, {**shop.first[key].json(), "createdAt": "later"}),
}

shop = Shop(AGAIN[sys.argv[1]])
ledger, customer = Ledger(shop), Customer("ann@example.com", account={"id": "u"}, own_token="t", token="t")
for key in ("one", "two"):
    ledger.order(shop, customer, "cup", key)
try:
    ledger.check()
except AssertionError as broken:
    print(broken)
"""


def found(again: str) -> str:
    """What the check says of a shop that answers so when an acknowledged key is repeated; nothing if all is well."""
    return subprocess.check_output([sys.executable, "-c", SHOP, again], cwd=ROOT, text=True).strip()


def test_a_key_that_is_answered_as_at_first_is_as_it_should_be() -> None:
    assert found("the first answer") == ""


@pytest.mark.parametrize("again", ["a refusal", "a new order", "the order of another key", "the order, changed"])
def test_a_key_that_was_acknowledged_is_answered_with_its_order_and_nothing_else(again: str) -> None:
    assert "a key that was acknowledged is not answered with its order" in found(again)
