"""POST /orders while the database is locked, full or gone: refused, and nothing half-written."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.common.tests.sockets import Connection
from services.orders.tests.conftest import PRODUCT, Orders


def locked(orders: Orders) -> Callable[[], object]:
    other = sqlite3.connect(orders.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def full(orders: Orders) -> Callable[[], object]:
    with orders.database.reading():
        orders.database.peewee.execute_sql("CREATE TABLE filler (x)")  # type: ignore[no-untyped-call]
        pages = orders.database.peewee.pragma("page_count")  # type: ignore[attr-defined]
        orders.database.peewee.pragma("max_page_count", pages)  # type: ignore[attr-defined]
        _fill(orders)
    return lambda: orders.database.peewee.pragma("max_page_count", 100_000)  # type: ignore[attr-defined]


def _fill(orders: Orders) -> None:
    """Take what room is left within the pages, so that not even a small row fits."""
    for size in (3000, 300, 30, 1):
        while True:
            try:
                orders.database.peewee.execute_sql(  # type: ignore[no-untyped-call]
                    "INSERT INTO orders VALUES (?, 'filler', ?, '', 0, '', 0)",
                    (str(time.perf_counter_ns()), "x" * size),
                )
            except Exception:
                break


def gone(orders: Orders) -> Callable[[], object]:
    path = Path(orders.path)
    kept = path.rename(path.with_suffix(".kept"))
    return lambda: kept.rename(path)


@pytest.mark.parametrize("key", [{}, {"Idempotency_Key": "k1"}], ids=["without a key", "with a key"])
@pytest.mark.parametrize("ruin", [locked, full, gone])
def test_a_database_of_no_use_is_unavailable_and_nothing_is_half_written(
    orders: Orders, ruin: Callable[[Orders], Callable[[], object]], key: dict[str, str]
) -> None:
    restore = ruin(orders)
    refused = orders.place(**key)
    assert (refused.status, refused.problem, refused.headers["retry-after"]) == (503, "unavailable", "1")
    restore()
    assert orders.listed() == []
    orders.expect()
    orders.clock.pass_(seconds=5)
    assert orders.place(**key).status == 201
    assert len(orders.listed()) == 1


def lock_after_the_product(orders: Orders, lasting: float | None) -> list[Callable[[], object]]:
    """Make the database lock between the claim and the order; what unlocks it, unless that happens by itself."""
    unlock: list[Callable[[], object]] = []

    def product_then_lock(connection: Connection) -> None:
        unlock.append(locked(orders))
        if lasting is not None:
            threading.Timer(lasting, unlock.pop()).start()
        PRODUCT(connection)

    orders.expect(products=[product_then_lock])
    return unlock


def test_a_database_that_was_locked_when_the_order_came_leaves_the_key_free(orders: Orders) -> None:
    lock_after_the_product(orders, lasting=0.35)
    refused = orders.place(Idempotency_Key="k1")
    assert (refused.problem, refused.headers["retry-after"]) == ("unavailable", "1")
    assert orders.listed() == []
    orders.expect()
    assert orders.place(Idempotency_Key="k1").status == 201


def test_a_database_that_stays_locked_leaves_no_half_of_the_order_and_says_when_the_key_is_free(orders: Orders) -> None:
    unlock = lock_after_the_product(orders, lasting=None)
    refused = orders.place(Idempotency_Key="k1")
    assert (refused.problem, refused.headers["retry-after"]) == ("unavailable", "5")
    unlock[0]()
    assert orders.listed() == []
    assert orders.place(Idempotency_Key="k1").problem == "request-in-progress"
    orders.clock.pass_(seconds=5)
    orders.expect()
    assert orders.place(Idempotency_Key="k1").status == 201
