"""POST /orders: what it takes, whom it asks, what it answers, and the same again."""

import pytest

from services.common.auth.tokens import Verifier
from services.common.tests.sockets import answer, sends
from services.common.web.app import App
from services.orders import routes
from services.orders.domain import Shop
from services.orders.tests.calls import call
from services.orders.tests.conftest import ACCOUNT, PRODUCT, Orders
from services.orders.tests.fakes import ADA, OWN, Untouchable, bearer

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
    shop = Shop(untouched, untouched, untouched, clock=untouched, timer=untouched, new_id=untouched)  # type: ignore[arg-type]
    app = routes.mount(App("orders", verifier=Verifier(OWN, "gateproof", "gateproof")), shop)
    refused = call(app, method, path, b"{not even JSON" if method == "POST" else None, headers)
    assert (refused.status, refused.problem) == (401, "unauthenticated")
    assert refused.headers["www-authenticate"] == "Bearer"


def test_a_valid_token_does_touch_them() -> None:
    untouched = Untouchable()
    shop = Shop(untouched, untouched, untouched, clock=untouched, timer=untouched, new_id=untouched)  # type: ignore[arg-type]
    app = routes.mount(App("orders", verifier=Verifier(OWN, "gateproof", "gateproof")), shop)
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


@pytest.mark.parametrize("key", ["", " ", "two words", "a" * 256, "caf\xe9", "a, b", '""', '"two words"'])
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


def test_a_lost_answer_is_had_again_with_the_same_key(orders: Orders) -> None:
    first, again = orders.place(Idempotency_Key="k1"), orders.place(Idempotency_Key="k1")
    assert (again.status, again.content, again.headers["location"]) == (201, first.content, first.headers["location"])
    assert len(orders.products.requests) == 1
    assert len(orders.listed()) == 1


@pytest.mark.parametrize(
    ("bare", "quoted"), [("k1", '"k1"'), ('a"b\\c', r'"a\"b\\c"'), ("a" * 255, f'"{"a" * 255}"')], ids=len
)
def test_a_quoted_key_is_the_same_as_a_bare_one(orders: Orders, bare: str, quoted: str) -> None:
    """The IETF's draft (draft-ietf-httpapi-idempotency-key-header) has a String of RFC 8941, others the bare text."""
    first, again = orders.place(Idempotency_Key=bare), orders.place(Idempotency_Key=quoted)
    assert (again.status, again.body) == (first.status, first.body)


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
