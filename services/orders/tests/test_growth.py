"""A shop with many orders serves each customer as one with few does."""

from collections.abc import Callable
from functools import partial

import pytest

from services.common.database.database import Database
from services.common.database.retention import AT_ONCE
from services.common.tests.growth import LARGE, MOST, SMALL, fill, grown, number, work
from services.orders.domain import KEYS_KEPT, LEASE, Claim, Order
from services.orders.store import OrderStore
from services.orders.tests.fakes import ADA, BOB, CUP, START

pytestmark = pytest.mark.whole


# Every tenth order is Ada's, Bob has a single one.
ORDERS = f"""'o-' || (1000000 + n),
    CASE n WHEN 1 THEN '{BOB.id}' WHEN n / 10 * 10 THEN '{ADA.id}' ELSE 'customer-' || (n / 100) END,
    'espresso-cup', 'Espresso cup', 1250, 'EUR', n"""
KEYS = "'customer-' || (n / 100), 'key-' || n, 'fingerprint', 'owner', n, n, NULL"
BACKLOG = 50_000
MIDDLE = f"o-{1_000_000 + SMALL // 2}"

DEEDS: dict[str, Callable[[OrderStore], object]] = {
    "the newest of many": lambda store: store.newest(ADA.id, 21, None),
    "a page further back": lambda store: store.newest(ADA.id, 21, MIDDLE),
    "a single order": lambda store: store.newest(BOB.id, 21, None),
    "an order by its ID": lambda store: store.find(ADA.id, MIDDLE),
    "somebody else's order": lambda store: store.find(BOB.id, MIDDLE),
    "one more order": lambda store: store.add(Order("o-2", ADA.id, CUP, START), None),
    "a claim": lambda store: claim(store, "key"),
}


def claim(store: OrderStore, key: str) -> None:
    store.claim(Claim(ADA.id, key, "fingerprint", "owner", START + LEASE), START, START - KEYS_KEPT)


def keys(database: Database) -> int:
    return number(database, "SELECT count(*) FROM idempotency_keys")


def _works(database: Database, orders: int) -> dict[str, int]:
    store = OrderStore(database)
    fill(database, "orders", ORDERS, orders)
    return {name: work(database, partial(deed, store)) for name, deed in DEEDS.items()}


def test_a_hundred_times_the_orders_are_no_more_work(two_databases: tuple[Database, Database]) -> None:
    small, large = two_databases
    assert grown(_works(small, SMALL), _works(large, LARGE)) == {}


def test_no_claim_pays_for_all_the_keys_that_are_too_old(two_databases: tuple[Database, Database]) -> None:
    few, many = two_databases
    assert _claiming(many, BACKLOG) <= MOST * _claiming(few, 2 * AT_ONCE)


def _claiming(database: Database, old_keys: int) -> int:
    store = OrderStore(database)
    fill(database, "idempotency_keys", KEYS, old_keys)
    return work(database, lambda: claim(store, "key"))


def test_keys_that_are_too_old_are_gone_in_the_end(database: Database) -> None:
    store = OrderStore(database)
    fill(database, "idempotency_keys", KEYS, 2 * AT_ONCE)
    for key in ("key-1", "key-2", "key-3"):
        claim(store, key)
    assert keys(database) == 3
