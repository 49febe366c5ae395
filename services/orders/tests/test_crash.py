"""The service as a process of its own, killed in the middle of an order."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from services.common.database.database import Database
from services.common.tests.sockets import Connection, answer, sends, serving
from services.orders.store import OrderStore
from services.orders.tests.conftest import ACCOUNT, PRODUCT
from services.orders.tests.fakes import ADA, OWN, bearer

pytestmark = pytest.mark.whole


ROOT = Path(__file__).parents[3]
KEYS = sends(answer(200, json.dumps(OWN.document()).encode()))


@contextmanager
def started(database_url: str, users: str, products: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service, and where it listens; killed in the end."""
    settings = {"PORT": "0", "DATABASE_URL": database_url, "USERS_URL": users, "PRODUCTS_URL": products}
    process = subprocess.Popen(
        [sys.executable, "-m", "services.orders"],
        env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        address = re.search(r'"address":"([^"]+)"', process.stdout.readline())
        assert address
        yield process, f"http://{address[1]}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def order(url: str) -> urllib3.BaseHTTPResponse:
    headers = {**bearer(ADA), "Idempotency-Key": "k1", "Content-Type": "application/json"}
    with urllib3.PoolManager() as pool:
        return pool.request(
            "POST", f"{url}/orders", body=b'{"productId": "espresso-cup"}', headers=headers, timeout=5, retries=False
        )


def test_a_killed_service_leaves_no_half_order_and_the_same_key_places_one(sqlite_url: str) -> None:
    asked, release = threading.Event(), threading.Event()

    def hanging(_connection: Connection) -> None:
        asked.set()
        release.wait(10)

    with serving(KEYS, ACCOUNT, KEYS, ACCOUNT) as users, serving(hanging, PRODUCT) as products:
        with started(sqlite_url, users.url, products.url) as (process, url):
            failure = threading.Thread(target=lambda: pytest.raises(urllib3.exceptions.HTTPError, order, url))
            failure.start()
            assert asked.wait(10)
            process.send_signal(signal.SIGKILL)
            failure.join()
        release.set()
        database = Database(sqlite_url, durable=True)
        assert OrderStore(database).newest(ADA.id, 10, None) == []
        with started(sqlite_url, users.url, products.url) as (_, url):
            running = order(url)
            assert (running.status, running.headers["Retry-After"]) == (409, "1")
            with database.writing():
                database.peewee.execute_sql("UPDATE idempotency_keys SET expires = 0")  # type: ignore[no-untyped-call]
            placed, again = order(url), order(url)
        assert (placed.status, again.status) == (201, 201)
        assert placed.data == again.data
        assert len(OrderStore(database).newest(ADA.id, 10, None)) == 1
        database.close()


def test_missing_settings_are_named_together(sqlite_url: str) -> None:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": sqlite_url, "PORT": "x"}
    ended = subprocess.run(
        [sys.executable, "-m", "services.orders"], env=environ, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert all(name in ended.stderr for name in ("PORT", "USERS_URL", "PRODUCTS_URL"))
