"""Orders and Idempotency-Keys in the database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import peewee

from services.common.database import Database
from services.orders.domain import Claim, Holder, Offer, Order, Price

BRIEFLY = 0.5
FORGOTTEN_AT_ONCE = 20


class _Order(peewee.Model):
    id = peewee.TextField(primary_key=True)
    user_id = peewee.TextField()
    product_id = peewee.TextField()
    product_name = peewee.TextField()
    amount = peewee.BigIntegerField()
    currency = peewee.TextField()
    created_at = peewee.BigIntegerField()

    class Meta:
        table_name = "orders"
        indexes = ((("user_id", "id"), True),)


class _Key(peewee.Model):
    """An Idempotency-Key; `order_id` is null until the request that holds it is done."""

    user_id = peewee.TextField()
    key = peewee.TextField()
    fingerprint = peewee.TextField()
    owner = peewee.TextField()
    expires = peewee.BigIntegerField()
    claimed_at = peewee.BigIntegerField(index=True)
    order_id = peewee.TextField(null=True, unique=True)

    class Meta:
        table_name = "idempotency_keys"
        primary_key = peewee.CompositeKey("user_id", "key")


class OrderStore:
    """The domain's Store. Raises Unavailable without a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create([_Order, _Key])

    def claim(self, claim: Claim, now: datetime, forget_before: datetime) -> Holder:
        with self._database.writing():
            _forget(_milliseconds(forget_before))
            row = None
            while row is None:  # PostgreSQL: the claim that was in the way may be released before it is read
                row = _claimed(claim, now)
            return _holder(row)

    def release(self, claim: Claim) -> None:
        with self._database.writing(within=BRIEFLY):  # an `add` under way has the row locked until its end is known
            _Key.delete().where(_is_held(claim)).execute()

    def add(self, order: Order, claim: Claim | None) -> bool:
        with self._database.writing():
            if claim and not _Key.update(order_id=order.id).where(_is_held(claim)).execute():
                return False
            _Order.insert(**_columns(order)).execute()
        return True

    def find(self, user_id: str, order_id: str) -> Order | None:
        with self._database.reading():
            row = _Order.get_or_none((_Order.id == order_id) & (_Order.user_id == user_id))
        return _order(row) if row else None

    def newest(self, user_id: str, most: int, before: str | None) -> Sequence[Order]:
        wanted = _Order.user_id == user_id
        if before is not None:
            wanted &= _Order.id < before
        with self._database.reading():
            return [_order(row) for row in _Order.select().where(wanted).order_by(_Order.id.desc()).limit(most)]


def _forget(before: int) -> None:
    """Delete the oldest of the keys that were claimed before then; later claims delete the others, so that no order
    waits for all. Both ends are given as PostgreSQL, before it knows the table well, would not use the index for one.
    """
    old = _Key.select(_Key.claimed_at).where(_Key.claimed_at < before).order_by(_Key.claimed_at)
    times = [row.claimed_at for row in old.limit(FORGOTTEN_AT_ONCE)]
    if times:
        _Key.delete().where(_Key.claimed_at.between(times[0], times[-1])).execute()


def _claimed(claim: Claim, now: datetime) -> Any:
    """The key's row, the claim's own if that could be: one statement takes a free key, one an expired claim."""
    claimed = {"owner": claim.owner, "expires": _milliseconds(claim.expires), "claimed_at": _milliseconds(now)}
    names = {"user_id": claim.user_id, "key": claim.key, "fingerprint": claim.fingerprint}
    expired = _Key.order_id.is_null() & (_Key.expires <= _milliseconds(now))
    _Key.insert(**names, **claimed).on_conflict_ignore().execute()
    _Key.update(**claimed).where(_is_key(claim) & (_Key.fingerprint == claim.fingerprint) & expired).execute()
    return _Key.get_or_none(_is_key(claim))


def _is_key(claim: Claim) -> Any:
    return (_Key.user_id == claim.user_id) & (_Key.key == claim.key)


def _is_held(claim: Claim) -> Any:
    """The key as the claim took it: not taken over since, and without an order."""
    return _is_key(claim) & (_Key.owner == claim.owner) & _Key.order_id.is_null()


def _holder(row: Any) -> Holder:
    order = _order(_Order.get(_Order.id == row.order_id)) if row.order_id else None
    return Holder(row.fingerprint, row.owner, order)


def _columns(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "user_id": order.user_id,
        "product_id": order.offer.product_id,
        "product_name": order.offer.name,
        "amount": order.offer.price.amount,
        "currency": order.offer.price.currency,
        "created_at": _milliseconds(order.created_at),
    }


def _order(row: Any) -> Order:
    offer = Offer(row.product_id, row.product_name, Price(row.amount, row.currency))
    return Order(row.id, row.user_id, offer, _time(row.created_at))


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
