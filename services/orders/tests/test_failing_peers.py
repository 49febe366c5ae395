"""POST /orders while a peer fails: every row of the mapping table."""

import socket
import struct
import time

import pytest

from services.common.auth.keys import KeySet
from services.common.auth.tokens import Verifier
from services.common.errors import PeerUnavailable
from services.common.runtime.timeouts import Timeouts
from services.common.tests.sockets import Behaviour, Connection, answer, sends
from services.common.web.app import App
from services.orders import routes
from services.orders.tests.calls import call
from services.orders.tests.conftest import ACCOUNT, PRODUCT, Orders
from services.orders.tests.fakes import ADA, Untouchable, bearer

WANTED = {"productId": "espresso-cup"}


def late(connection: Connection) -> None:
    time.sleep(3)


def dripping(connection: Connection) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    for _ in range(30):
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
}
LATE: dict[str, list[Behaviour]] = {"late": [late], "dripping": [dripping]}
QUICK = Timeouts(connect=1.0, attempt=1.0, call=1.0)


@pytest.mark.parametrize("peer", ["users", "products"])
@pytest.mark.parametrize(("script", "status", "ending"), ROWS.values(), ids=ROWS.keys())
def test_a_peer_that_fails(orders: Orders, peer: str, script: list[Behaviour], status: int, ending: str) -> None:
    failing = orders.users if peer == "users" else orders.products
    orders.expect(**{peer: list(script)})
    refused = orders.place()
    assert (refused.status, refused.problem) == (status, f"{peer}-{ending}")
    assert refused.headers.get("retry-after") == ("1" if status == 503 else None)
    assert len(failing.requests) == len(script)
    assert orders.listed() == []


@pytest.mark.parametrize("timeouts", [QUICK], ids=["quick"])
@pytest.mark.parametrize("peer", ["users", "products"])
@pytest.mark.parametrize("script", LATE.values(), ids=LATE.keys())
def test_a_peer_that_is_late_is_not_waited_for(orders: Orders, peer: str, script: list[Behaviour]) -> None:
    """What it sends at last would be another failure."""
    test_a_peer_that_fails(orders, peer, script, 504, "timeout")


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
        current: KeySet = {}

        def find(self, kid: str) -> None:
            raise PeerUnavailable("users")

    app = routes.mount(App("orders", verifier=Verifier(NoKeys(), "gateproof", "gateproof")), Untouchable())  # type: ignore[arg-type]
    refused = call(app, "POST", "/orders", WANTED, bearer(ADA))
    assert (refused.status, refused.problem, refused.headers["retry-after"]) == (503, "users-unavailable", "1")
