"""Every order that was asked for in a scenario, and whether the shop has them as it must."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from features.support.actors.customers import Customer
from features.support.answers import Answer
from features.support.client import Unusable
from features.support.comparing import same
from features.support.load.accounting import OPEN, Account, Entry, Kind, Violation, account
from features.support.shop import Shop
from features.support.waiting import eventually

Found = TypeVar("Found")

AT_A_TIME = 8
"""Customers whose orders are read back at the same time."""
SETTLED_WITHIN = 15.0
"""Seconds; the claim of a killed request to its key expires after 5, and up to 2 more after a restart."""


class Ledger:
    """What the customers of one scenario asked for; safe to write in from several threads."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._entries: list[Entry] = []

    def order(self, shop: Shop, customer: Customer, product_id: str, key: str | None) -> Answer:
        """Order, and note what came of it. Raises Unusable."""
        entry = Entry(customer, product_id, key, None)
        try:
            answer = shop.order(customer.token, {"productId": product_id}, key=key)
            entry = replace(entry, answer=answer, request_id=answer.request_id)
        except Unusable as unusable:
            entry = replace(entry, request_id=unusable.answer.request_id)
            raise
        finally:
            self._entries.append(entry)
        if entry.order_id:
            customer.orders[entry.order_id] = answer.json()
        return answer

    def check(self) -> None:
        """Assert that every acknowledged order is there exactly once, and none is half there (design, part 7)."""
        self.settled().require()

    def settled(self) -> Account:
        """The account once each key was repeated, and each order was read by itself.

        Raises AssertionError for a repeated key whose answer is not the acknowledged order, or whose outcome stays
        unknown.
        """
        self._for_each(self._repeat_keys)
        damaged = [damage for found in self._for_each(self._unreadable) for damage in found]
        return self.account() + Account(violations=tuple(damaged))

    def account(self) -> Account:
        """What was asked for against what the shop lists now."""
        return sum(self._for_each(self._account_of), Account())

    def stored(self, customer: Customer) -> list[dict[str, Any]]:
        """All that the shop has of a customer, the newest first, whatever token they show."""
        pages = self._shop.order_pages(customer.own_token, 100)
        return [order for page in pages for order in page.content()["items"]]

    def _for_each(self, ask: Callable[[Customer], Found]) -> list[Found]:
        signed_in = {id(entry.customer): entry.customer for entry in self._entries if entry.customer.own_token}
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            return list(pool.map(ask, signed_in.values()))

    def _of(self, customer: Customer) -> list[Entry]:
        return [entry for entry in self._entries if entry.customer is customer]

    def _account_of(self, customer: Customer) -> Account:
        return account(customer, self._of(customer), self.stored(customer))

    def _repeat_keys(self, customer: Customer) -> None:
        customer.token = customer.own_token
        for entry in self._by_key(customer).values():
            again = eventually(partial(self._repeated, entry), within=SETTLED_WITHIN, every=0.2)
            if entry.answer and entry.order_id:
                told = f"a key that was acknowledged is not answered with its order: {again}"
                same((again.status, again.json()), (entry.answer.status, entry.answer.json()), told)

    def _by_key(self, customer: Customer) -> dict[str, Entry]:
        """What was asked for under each key: the order that it was acknowledged with, if it was."""
        acknowledged_last = sorted(self._of(customer), key=lambda entry: entry.order_id is not None)
        return {entry.key: entry for entry in acknowledged_last if entry.key}

    def _repeated(self, entry: Entry) -> Answer:
        """The answer to the same under the same key. Raises AssertionError while the outcome is still unknown."""
        again = self.order(self._shop, entry.customer, entry.product_id, entry.key)
        assert entry.order_id or again.code not in OPEN, f"the outcome of {entry.key} is still unknown: {again}"
        return again

    def _unreadable(self, customer: Customer) -> list[Violation]:
        """The listed orders that are not the same when they are read one by one."""
        found = [
            (order, self._shop.order_at(customer.own_token, f"/orders/{order['id']}"))
            for order in self.stored(customer)
        ]
        return [
            Violation(Kind.DAMAGED, f"{order} reads {one}")
            for order, one in found
            if one.status != 200 or one.json() != order
        ]
