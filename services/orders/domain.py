"""Orders: what it takes to place one, and that a repeated request places no second one."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from services.common.errors import Conflict, Invalid, NotFound, Unavailable

# Nobody waits longer than that for a request: the gateway's read timeout.
LEASE = timedelta(seconds=5)
KEYS_KEPT = timedelta(hours=48)


@dataclass(frozen=True)
class Customer:
    """Who orders, with the token that peers are asked with in their name."""

    id: str
    token: str


class Price(NamedTuple):
    """`amount` in minor units of `currency` (ISO 4217)."""

    amount: int
    currency: str


class Offer(NamedTuple):
    """A product as it is sold now."""

    product_id: str
    name: str
    price: Price


class Order(NamedTuple):
    """What was ordered, with name and price as they were then."""

    id: str
    user_id: str
    offer: Offer
    created_at: datetime


@dataclass(frozen=True)
class Claim:
    """One request's claim to an Idempotency-Key of a user.

    `fingerprint` tells apart what was asked for, `owner` the requests that ask for the same. A claim that has no order
    yet may be taken over from `expires` on.
    """

    user_id: str
    key: str
    fingerprint: str
    owner: str
    expires: datetime


@dataclass(frozen=True)
class Holder:
    """Who has the key: another request's claim or one's own, and the order if that request is done."""

    fingerprint: str
    owner: str
    order: Order | None


class Accounts(Protocol):
    def check(self, customer: Customer) -> None:
        """Raises Unauthenticated, Forbidden("account-suspended") or a PeerError."""


class Catalogue(Protocol):
    def offer(self, product_id: str) -> Offer:
        """Raises NotFound("product-not-found") or a PeerError."""


class Store(Protocol):
    """Every method raises Unavailable when the database is; then nothing of it was kept, or all."""

    def claim(self, claim: Claim, now: datetime, forget_before: datetime) -> Holder:
        """Take the key if it is free or its claim for the same has expired. Returns who has it then."""

    def release(self, claim: Claim) -> None:
        """Free the key if the claim still holds it without an order; without waiting for long.

        Safe also where nobody knows whether an `add` was kept: one that may still be is waited for.
        """

    def add(self, order: Order, claim: Claim | None) -> bool:
        """Keep the order, and that it is the claim's; False, and nothing kept, if another has taken the key over."""

    def find(self, user_id: str, order_id: str) -> Order | None: ...

    def newest(self, user_id: str, most: int, before: str | None) -> Sequence[Order]:
        """A user's orders whose ID is below `before`, the newest first."""


class Shop:
    """What customers do; `clock` gives aware times for people to read, `timer` those that keys are counted by, which
    must not jump; `new_id` UUIDv7s.
    """

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        catalogue: Catalogue,
        *,
        clock: Callable[[], datetime],
        timer: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._catalogue = catalogue
        self._clock = clock
        self._timer = timer
        self._new_id = new_id

    def place(self, customer: Customer, product_id: str, key: str | None) -> Order:
        """A new order, or the original one if `key` was already used for this body.

        Raises Unauthenticated, Forbidden, NotFound or PeerError as accounts and catalogue do,
        Invalid("idempotency-key-reused"), Conflict("request-in-progress"), Unavailable.
        """
        if key is None:
            return self._ordered(customer, product_id, None)
        claim = self._claim(customer, product_id, key)
        return self._earlier(claim) or self._ordered_once(customer, product_id, claim)

    def order(self, user_id: str, order_id: str) -> Order:
        """One of the user's own orders. Raises NotFound("order-not-found"), also for another user's."""
        order = self._store.find(user_id, order_id)
        if order is None:
            raise NotFound("order-not-found", "You have no order with this ID.")
        return order

    def orders(self, user_id: str, most: int, before: str | None) -> Sequence[Order]:
        """Up to `most` of the user's own orders, the newest first, older than the one called `before`."""
        return self._store.newest(user_id, most, before)

    def _claim(self, customer: Customer, product_id: str, key: str) -> Claim:
        return Claim(customer.id, key, fingerprint(product_id), self._new_id(), self._timer() + LEASE)

    def _earlier(self, claim: Claim) -> Order | None:
        """The order that an earlier request with the key led to; None if the key is the claim's now."""
        now = self._timer()
        holder = self._store.claim(claim, now, now - KEYS_KEPT)
        if holder.fingerprint != claim.fingerprint:
            raise Invalid("idempotency-key-reused", "This Idempotency-Key was used for another body.")
        if holder.order is None and holder.owner != claim.owner:
            raise _in_progress()
        return holder.order

    def _ordered_once(self, customer: Customer, product_id: str, claim: Claim) -> Order:
        """The order, or the key free again; else the answer says how long the claim lasts at most."""
        try:
            return self._ordered(customer, product_id, claim)
        except Exception as error:
            if not self._released(claim) and isinstance(error, Unavailable):
                error.retry_after = math.ceil(LEASE.total_seconds())
            raise

    def _ordered(self, customer: Customer, product_id: str, claim: Claim | None) -> Order:
        self._accounts.check(customer)
        offer = self._catalogue.offer(product_id)
        order = Order(self._new_id(), customer.id, offer, self._clock())
        if not self._store.add(order, claim):
            raise _in_progress()
        return order

    def _released(self, claim: Claim) -> bool:
        """Best effort: the reason why there is no order matters more than the key."""
        try:
            self._store.release(claim)
        except Unavailable:
            return False
        return True


def fingerprint(product_id: str) -> str:
    """What a body asks for, in a form that two bodies share only if they ask for the same."""
    return hashlib.sha256(product_id.encode()).hexdigest()


def _in_progress() -> Conflict:
    return Conflict("request-in-progress", "A request with this Idempotency-Key is still running.", retry_after=1)
