"""Orders and Idempotency-Keys in the database."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import peewee

from services.common.database import migrations
from services.common.database.database import Database, parameter
from services.common.database.retention import forget_oldest
from services.common.runtime import times
from services.orders.domain import Claim, Holder, Offer, Order, Price

BRIEFLY = 0.5


class _Order(peewee.Model):
    id = peewee.TextField()
    user_id = peewee.TextField()
    product_id = peewee.TextField()
    product_name = peewee.TextField()
    amount = peewee.BigIntegerField()
    currency = peewee.TextField()
    created_at = peewee.BigIntegerField()

    class Meta:
        table_name = "orders"
        primary_key = peewee.CompositeKey("user_id", "id")


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


_COLUMNS = (
    *(_Order.id, _Order.user_id, _Order.product_id, _Order.product_name),
    *(_Order.amount, _Order.currency, _Order.created_at),
)


MODELS = (_Order, _Key)
MIGRATIONS = Path(__file__).with_name("migrations")


class OrderStore:
    """The domain's Store. Raises Unavailable without a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        migrations.require(database, MIGRATIONS, [model._meta.table_name for model in MODELS])
        database.bind(MODELS)
        rows = _Order.select(*_COLUMNS).where(_Order.user_id == parameter("user_id"))
        newest = rows.order_by(_Order.id.desc()).limit(parameter("most"))
        self._by_id = database.statement(rows.where(_Order.id == parameter("id")))
        self._newest = database.statement(newest)
        self._before = database.statement(newest.where(_Order.id < parameter("before")))
        self._insert = database.statement(_Order.insert({column: parameter(column.name) for column in _COLUMNS}))

    def claim(self, claim: Claim, now: datetime, forget_before: datetime) -> Holder:
        def take() -> Holder:
            forget_oldest(_Key.claimed_at, times.milliseconds(forget_before))
            row = None
            while row is None:  # PostgreSQL: the claim that was in the way may be released before it is read
                row = _claimed(claim, now)
            rows = self._by_id.rows(user_id=row.user_id, id=row.order_id) if row.order_id else ()
            return Holder(row.fingerprint, row.owner, _order(*rows[0]) if rows else None)

        return self._database.write(take)

    def release(self, claim: Claim) -> None:
        # An `add` under way has the row locked until its end is known.
        self._database.write(lambda: _Key.delete().where(_is_held(claim)).execute(), within=BRIEFLY)

    def add(self, order: Order, claim: Claim | None) -> bool:
        def insert() -> bool:
            if claim and not _Key.update(order_id=order.id).where(_is_held(claim)).execute():
                return False
            self._insert.rows(**_columns(order))
            return True

        return self._database.write(insert)

    def last_claim(self) -> datetime | None:
        """When a key that is still kept was last claimed."""
        with self._database.reading():
            newest = _Key.select(_Key.claimed_at).order_by(_Key.claimed_at.desc()).limit(1).scalar()
        return None if newest is None else times.of(newest)

    def find(self, user_id: str, order_id: str) -> Order | None:
        with self._database.reading():
            rows = self._by_id.rows(user_id=user_id, id=order_id)
        return _order(*rows[0]) if rows else None

    def newest(self, user_id: str, most: int, before: str | None) -> Sequence[Order]:
        statement = self._newest if before is None else self._before
        with self._database.reading():
            rows = statement.rows(user_id=user_id, most=most, before=before)
        return [_order(*row) for row in rows]


def _claimed(claim: Claim, now: datetime) -> Any:
    """The key's row, the claim's own if that could be: one statement takes a free key, one an expired claim."""
    claimed = {
        "owner": claim.owner,
        "expires": times.milliseconds(claim.expires),
        "claimed_at": times.milliseconds(now),
    }
    names = {"user_id": claim.user_id, "key": claim.key, "fingerprint": claim.fingerprint}
    expired = _Key.order_id.is_null() & (_Key.expires <= times.milliseconds(now))
    _Key.insert(**names, **claimed).on_conflict_ignore().execute()
    _Key.update(**claimed).where(_is_key(claim) & (_Key.fingerprint == claim.fingerprint) & expired).execute()
    return _Key.get_or_none(_is_key(claim))


def _is_key(claim: Claim) -> Any:
    return (_Key.user_id == claim.user_id) & (_Key.key == claim.key)


def _is_held(claim: Claim) -> Any:
    """The key as the claim took it: not taken over since, and without an order."""
    return _is_key(claim) & (_Key.owner == claim.owner) & _Key.order_id.is_null()


def _columns(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "user_id": order.user_id,
        "product_id": order.offer.product_id,
        "product_name": order.offer.name,
        "amount": order.offer.price.amount,
        "currency": order.offer.price.currency,
        "created_at": times.milliseconds(order.created_at),
    }


def _order(
    order_id: str, user_id: str, product_id: str, name: str, amount: int, currency: str, created_at: int
) -> Order:
    """Of _COLUMNS."""
    return Order(order_id, user_id, Offer(product_id, name, Price(amount, currency)), times.of(created_at))
