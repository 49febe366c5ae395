"""Orders as it is put together to be served: its peers are socket servers, the keys are those that users publishes."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from services.common.auth.keys import OwnKeys
from services.common.auth.tokens import Issuer
from services.common.tests.peering import silent
from services.common.tests.sockets import Behaviour, Server, answer, sends, serving
from services.common.web.app import App
from services.orders import app as composition
from services.orders.app import OrdersSettings
from services.orders.tests.calls import call
from services.orders.tests.conftest import ACCOUNT, PRODUCT
from services.orders.tests.fakes import ADA, OWN, PEM, bearer

KEYS = sends(answer(200, json.dumps(OWN.document()).encode()))
WANTED = {"productId": "espresso-cup"}


@contextmanager
def built(database_url: str, users: Server, products: Server) -> Iterator[App]:
    settings = OrdersSettings(database_url=database_url, port=0, users_url=users.url, products_url=products.url)
    with closing(composition.build(settings)) as app:
        app.start()
        yield app


def unknown_key() -> str:
    """A token of our issuer's by a key that it never published."""
    own = OwnKeys(PEM)
    own.kid = "unknown"
    return Issuer(lambda: own, "gateproof", "gateproof").mint(ADA.id, "customer")


def test_an_order_is_placed_with_the_keys_that_users_publishes(sqlite_url: str) -> None:
    with serving(KEYS, ACCOUNT) as users, serving(PRODUCT) as products, built(sqlite_url, users, products) as app:
        assert call(app, "POST", "/orders", WANTED, bearer(ADA)).status == 201


FORGED = {
    "an unknown key": (unknown_key(), (503, "users-unavailable")),
    "a changed signature": (bearer(ADA)["Authorization"][7:-4] + "AAAA", (401, "unauthenticated")),
}


@pytest.mark.parametrize(("token", "refusal"), FORGED.values(), ids=FORGED)
@pytest.mark.parametrize(("method", "body"), [("POST", b"{not even JSON"), ("GET", None)])
def test_the_first_request_after_a_start_with_a_forged_token_asks_nobody(
    sqlite_url: str, method: str, body: bytes | None, token: str, refusal: tuple[int, str]
) -> None:
    with serving(KEYS) as users, serving() as products, built(sqlite_url, users, products) as app:
        for _ in range(5):
            refused = call(app, method, "/orders", body, {"Authorization": f"Bearer {token}"})
            assert (refused.status, refused.problem) == refusal
    assert [request.line for request in users.requests] == ["GET /users/.well-known/jwks.json HTTP/1.1"]
    assert products.requests == []


FAILING: dict[str, Behaviour] = {
    "503": sends(answer(503)),
    "500": sends(answer(500)),
    "no keys": sends(answer(200)),
    "silence": silent,
}


@pytest.mark.parametrize("behaviour", FAILING.values(), ids=FAILING)
def test_without_keys_users_is_unavailable_and_the_caller_may_come_back(sqlite_url: str, behaviour: Behaviour) -> None:
    with serving(*[behaviour] * 50) as users, serving() as products, built(sqlite_url, users, products) as app:
        refused = call(app, "POST", "/orders", WANTED, bearer(ADA, **{"X-Request-ID": "request-0001"}))
    assert (refused.status, refused.problem, refused.headers["retry-after"]) == (503, "users-unavailable", "1")
    assert all(request.headers["x-request-id"] != "request-0001" for request in users.requests)
