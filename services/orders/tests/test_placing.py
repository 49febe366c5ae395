"""POST /orders: every row of design.md's table, and that nothing is half-written."""

import socket
import sqlite3
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.common.errors import PeerUnavailable
from services.common.tests.sockets import Behaviour, Connection, answer, sends
from services.common.tokens import Verifier
from services.common.web import App
from services.orders import routes
from services.orders.domain import Shop
from services.orders.tests.calls import call
from services.orders.tests.conftest import ACCOUNT, PRODUCT, Orders
from services.orders.tests.fakes import ADA, ISSUER, Untouchable, bearer

WANTED = {"productId": "espresso-cup"}


def test_an_order_is_answered_with_what_was_ordered_by_whom_and_when(orders: Orders) -> None:
    placed = orders.place()
    assert placed.status == 201
    assert set(placed.body) == {"id", "productId", "userId", "createdAt", "product"}
    assert (placed.body["productId"], placed.body["userId"]) == ("espresso-cup", ADA.id)
    assert placed.body["product"] == {"name": "Espresso cup", "price": {"amount": 1250, "currency": "EUR"}}
    assert placed.body["createdAt"].endswith("Z")
    assert placed.headers["location"] == f"/orders/{placed.body['id']}"
    assert orders.listed() == [placed.body]


def test_the_peers_are_asked_under_the_requests_own_id(orders: Orders) -> None:
    orders.place(X_Request_ID="journey.L12.3-run1")
    assert [server.requests[0].headers["x-request-id"] for server in (orders.users, orders.products)] == [
        "journey.L12.3-run1"
    ] * 2


TOKENS = {
    "none": {},
    "empty": {"Authorization": ""},
    "not a token": {"Authorization": "Bearer nonsense"},
    "forged": {"Authorization": bearer(ADA)["Authorization"][:-4] + "AAAA"},
    "basic": {"Authorization": "Basic YWRhOnNlY3JldA=="},
}


@pytest.mark.parametrize("headers", TOKENS.values(), ids=TOKENS.keys())
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/orders"), ("GET", "/orders"), ("GET", "/orders/01a2059b-d182-772d-a1e2-ce3df450e4bf")],
)
def test_without_a_valid_token_neither_the_repository_nor_a_peer_is_touched(
    method: str, path: str, headers: dict[str, str]
) -> None:
    untouched = Untouchable()
    shop = Shop(untouched, untouched, untouched, clock=untouched, new_id=untouched)  # type: ignore[arg-type]
    app = routes.mount(App("orders", verifier=Verifier(ISSUER.keys, "gateproof", "gateproof")), shop)
    refused = call(app, method, path, b"{not even JSON" if method == "POST" else None, headers)
    assert (refused.status, refused.problem) == (401, "unauthenticated")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_a_valid_token_does_touch_them() -> None:
    untouched = Untouchable()
    shop = Shop(untouched, untouched, untouched, clock=untouched, new_id=untouched)  # type: ignore[arg-type]
    app = routes.mount(App("orders", verifier=Verifier(ISSUER.keys, "gateproof", "gateproof")), shop)
    assert call(app, "POST", "/orders", WANTED, bearer(ADA)).problem == "internal-error"


BODIES: dict[str, tuple[bytes, int, str]] = {
    "not JSON": (b"{", 400, "malformed-body"),
    "NaN": (b'{"productId": NaN}', 400, "malformed-body"),
    "too deep": (b"[" * 50_000, 400, "malformed-body"),
    "no UTF-8": (b'{"productId": "\xff"}', 400, "malformed-body"),
    "nothing": (b"", 400, "malformed-body"),
    "a list": (b"[]", 422, "validation-failed"),
    "no product": (b"{}", 422, "validation-failed"),
    "a number": (b'{"productId": 7}', 422, "validation-failed"),
    "null": (b'{"productId": null}', 422, "validation-failed"),
    "empty": (b'{"productId": ""}', 422, "validation-failed"),
    "too long": (b'{"productId": "' + b"a" * 65 + b'"}', 422, "validation-failed"),
    "a NUL": (b'{"productId": "a\\u0000"}', 422, "validation-failed"),
    "more than asked for": (b'{"productId": "espresso-cup", "price": 1}', 422, "validation-failed"),
    "too large": (b'{"productId": "' + b"a" * 200_000 + b'"}', 413, "body-too-large"),
}


@pytest.mark.parametrize(("body", "status", "code"), BODIES.values(), ids=BODIES.keys())
def test_a_bad_body_asks_nobody(orders: Orders, body: bytes, status: int, code: str) -> None:
    refused = call(orders.app, "POST", "/orders", body, bearer(ADA))
    assert (refused.status, refused.problem) == (status, code)
    assert orders.users.requests == orders.products.requests == []


@pytest.mark.parametrize("key", ["", " ", "two words", "a" * 256, "caf\xe9", "a, b"])
def test_a_bad_idempotency_key_is_named(orders: Orders, key: str) -> None:
    refused = orders.place(Idempotency_Key=key)
    assert (refused.status, refused.problem) == (422, "validation-failed")
    assert [error["pointer"] for error in refused.body["errors"]] == ["/Idempotency-Key"]
    assert orders.users.requests == []


@pytest.mark.parametrize("product_id", ["nothing-of-the-kind", "Not A Slug", "../users/me"])
def test_an_unknown_product_is_not_found(orders: Orders, product_id: str) -> None:
    orders.expect(products=[sends(answer(404))])
    refused = orders.place(product_id)
    assert (refused.status, refused.problem) == (404, "product-not-found")
    assert orders.listed() == []


def late(connection: Connection) -> None:
    time.sleep(0.5)


def dripping(connection: Connection) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    for _ in range(10):
        time.sleep(0.1)
        connection.sendall(b" ")


def truncated(connection: Connection) -> None:
    connection.sendall(answer(200, b'{"id": "espresso-cup"}')[:-5])
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection: Connection) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


NOT_JSON, WRONG_SHAPE = sends(answer(200, b"<html>")), sends(answer(200, b'{"name": 7}'))

ROWS: dict[str, tuple[list[Behaviour], int, str]] = {
    "502 twice": ([sends(answer(502))] * 2, 503, "unavailable"),
    "503 twice": ([sends(answer(503))] * 2, 503, "unavailable"),
    "500": ([sends(answer(500))], 502, "failed"),
    "501": ([sends(answer(501))], 502, "failed"),
    "504": ([sends(answer(504))], 502, "failed"),
    "not JSON": ([NOT_JSON], 502, "failed"),
    "wrong shape": ([WRONG_SHAPE], 502, "failed"),
    "garbled": ([sends(b"\x00\x01\x02\r\n\r\n")], 502, "failed"),
    "truncated": ([truncated], 502, "failed"),
    "reset": ([reset], 502, "failed"),
    "a redirect": ([sends(answer(302, b"", "Location: /"))], 502, "failed"),
    "late": ([late], 504, "timeout"),
    "dripping": ([dripping], 504, "timeout"),
}


@pytest.mark.parametrize("peer", ["users", "products"])
@pytest.mark.parametrize(("script", "status", "ending"), ROWS.values(), ids=ROWS.keys())
def test_a_peer_that_fails(orders: Orders, peer: str, script: list[Behaviour], status: int, ending: str) -> None:
    failing = orders.users if peer == "users" else orders.products
    orders.expect(**{peer: list(script)})
    begun = time.monotonic()
    refused = orders.place()
    assert (refused.status, refused.problem) == (status, f"{peer}-{ending}")
    assert refused.headers.get("retry-after") == ("1" if status == 503 else None)
    assert time.monotonic() - begun < 1.0
    assert len(failing.requests) == len(script)
    assert orders.listed() == []


@pytest.mark.parametrize("peer", ["users", "products"])
@pytest.mark.parametrize("status", [502, 503])
def test_a_peer_that_fails_once_is_asked_exactly_once_more(orders: Orders, peer: str, status: int) -> None:
    good = ACCOUNT if peer == "users" else PRODUCT
    orders.expect(**{peer: [sends(answer(status)), good]})
    assert orders.place(X_Request_ID="request-0001").status == 201
    asked = (orders.users if peer == "users" else orders.products).requests
    assert [request.headers["x-request-id"] for request in asked] == ["request-0001"] * 2
    assert len(orders.listed()) == 1


USERS_ROWS = [(401, 401, "unauthenticated"), (404, 401, "unauthenticated"), (403, 403, "account-suspended")]


@pytest.mark.parametrize(("answered", "status", "code"), USERS_ROWS)
def test_an_account_that_may_not_order(orders: Orders, answered: int, status: int, code: str) -> None:
    orders.expect(users=[sends(answer(answered))])
    refused = orders.place()
    assert (refused.status, refused.problem) == (status, code)
    assert orders.products.requests == []
    assert orders.listed() == []


@pytest.mark.parametrize("answered", [401, 403])
def test_a_product_that_is_refused_to_us_is_the_fault_of_products(orders: Orders, answered: int) -> None:
    orders.expect(products=[sends(answer(answered))])
    refused = orders.place()
    assert (refused.status, refused.problem) == (502, "products-failed")


def test_without_keys_and_without_users_it_is_not_the_callers_fault(orders: Orders) -> None:
    class NoKeys:
        def find(self, kid: str) -> None:
            raise PeerUnavailable("users")

    app = routes.mount(App("orders", verifier=Verifier(NoKeys(), "gateproof", "gateproof")), Untouchable())  # type: ignore[arg-type]
    refused = call(app, "POST", "/orders", WANTED, bearer(ADA))
    assert (refused.status, refused.problem, refused.headers["retry-after"]) == (503, "users-unavailable", "1")


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


def test_a_database_that_locks_between_the_claim_and_the_order_leaves_no_half_of_it(orders: Orders) -> None:
    unlock: list[Callable[[], object]] = []

    def product_then_lock(connection: Connection) -> None:
        unlock.append(locked(orders))
        PRODUCT(connection)

    orders.expect(products=[product_then_lock])
    assert orders.place(Idempotency_Key="k1").problem == "unavailable"
    unlock[0]()
    assert orders.listed() == []
    assert orders.place(Idempotency_Key="k1").problem == "request-in-progress"
    orders.clock.pass_(seconds=5)
    orders.expect()
    assert orders.place(Idempotency_Key="k1").status == 201


def test_a_lost_answer_is_had_again_with_the_same_key(orders: Orders) -> None:
    first, again = orders.place(Idempotency_Key="k1"), orders.place(Idempotency_Key="k1")
    assert (again.status, again.content, again.headers["location"]) == (201, first.content, first.headers["location"])
    assert len(orders.products.requests) == 1
    assert len(orders.listed()) == 1


def test_a_key_that_was_used_for_something_else_is_refused(orders: Orders) -> None:
    orders.place(Idempotency_Key="k1")
    refused = orders.place("teapot", Idempotency_Key="k1")
    assert (refused.status, refused.problem) == (422, "idempotency-key-reused")


def test_a_failed_order_may_be_tried_again_with_the_same_key(orders: Orders) -> None:
    orders.expect(users=[ACCOUNT] * 2, products=[sends(answer(500)), PRODUCT])
    assert orders.place(Idempotency_Key="k1").status == 502
    assert orders.place(Idempotency_Key="k1").status == 201


def test_without_a_key_each_request_is_an_order_of_its_own(orders: Orders) -> None:
    orders.expect(users=[ACCOUNT] * 2, products=[PRODUCT] * 2)
    assert orders.place().body["id"] != orders.place().body["id"]
