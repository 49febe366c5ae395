"""What users and products answer, and what that means to an order: against a real socket server."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.common.errors import Forbidden, NotFound, PeerFailed, Unauthenticated
from services.common.peers.calls import Peer
from services.common.tests.sockets import answer, sends, serving
from services.orders.clients import Products, Users
from services.orders.domain import Offer, Price
from services.orders.tests.fakes import ADA, CUP

PRODUCT = {"id": "espresso-cup", "name": "Espresso cup", "price": {"amount": 1250, "currency": "EUR"}}
ACCOUNT = {"id": ADA.id, "email": "ada@example.test", "name": None, "createdAt": "2026-11-22T23:00:00.000Z"}


def reply(status: int, body: object = None) -> Callable[[Any], None]:
    return sends(answer(status, json.dumps({} if body is None else body).encode()))


def test_an_offer_is_the_product_as_it_is_sold() -> None:
    with serving(reply(200, PRODUCT)) as server:
        assert Products(Peer("products", server.url)).offer("espresso-cup") == CUP
    assert server.requests[0].line == "GET /products/espresso-cup HTTP/1.1"


def test_an_offer_is_of_the_product_that_was_asked_for_whatever_was_asked_before() -> None:
    teapot = {"id": "teapot", "name": "Teapot", "price": {"amount": 9900, "currency": "EUR"}}
    with serving(reply(200, PRODUCT), reply(200, teapot)) as server:
        products = Products(Peer("products", server.url))
        products.offer("espresso-cup")
        assert products.offer("teapot") == Offer("teapot", "Teapot", Price(9900, "EUR"))


def test_an_offer_has_the_price_of_now() -> None:
    dearer = {**PRODUCT, "price": {"amount": 9900, "currency": "EUR"}}
    with serving(reply(200, PRODUCT), reply(200, dearer)) as server:
        products = Products(Peer("products", server.url))
        assert [products.offer("espresso-cup").price.amount for _ in range(2)] == [1250, 9900]


def test_the_customers_token_is_for_users_alone() -> None:
    with serving(reply(200, ACCOUNT), reply(200, PRODUCT)) as server:
        Users(Peer("users", server.url)).check(ADA)
        Products(Peer("products", server.url)).offer("espresso-cup")
    users, products = server.requests
    assert (users.line, users.headers["authorization"]) == ("GET /users/me HTTP/1.1", f"Bearer {ADA.token}")
    assert "authorization" not in products.headers


def test_what_a_peer_says_beyond_what_is_needed_is_its_own_business() -> None:
    with serving(reply(200, {**PRODUCT, "colour": "white", "price": {**PRODUCT["price"], "net": 1}})) as server:  # type: ignore[dict-item]
        assert Products(Peer("products", server.url)).offer("espresso-cup") == CUP


def test_a_product_that_is_not_there_is_not_found() -> None:
    with serving(reply(404)) as server, pytest.raises(NotFound) as refused:
        Products(Peer("products", server.url)).offer("nothing")
    assert refused.value.code == "product-not-found"


@pytest.mark.parametrize(
    "product_id", ["", "Cup", "a b", "../users/me", "cup?x=1", "cup#", "cup\r\nX: y", "ü", "a" * 65]
)
def test_what_can_be_no_products_id_is_not_found_without_asking(product_id: str) -> None:
    with serving() as server, pytest.raises(NotFound) as refused:
        Products(Peer("products", server.url)).offer(product_id)
    assert refused.value.code == "product-not-found"
    assert server.connections == 0


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422, 429, 201, 206])
def test_any_other_answer_of_products_is_its_failure(status: int) -> None:
    with serving(reply(status, PRODUCT)) as server, pytest.raises(PeerFailed) as refused:
        Products(Peer("products", server.url)).offer("espresso-cup")
    assert refused.value.code == "products-failed"
    assert len(server.requests) == 1


WRONG_PRODUCTS: dict[str, object] = {
    "nothing": {},
    "no price": {"id": "espresso-cup", "name": "Cup"},
    "another product": {**PRODUCT, "id": "teapot"},
    "an empty name": {**PRODUCT, "name": ""},
    "an amount in text": {**PRODUCT, "price": {"amount": "1250", "currency": "EUR"}},
    "an amount with cents": {**PRODUCT, "price": {"amount": 12.5, "currency": "EUR"}},
    "an amount of true": {**PRODUCT, "price": {"amount": True, "currency": "EUR"}},
    "an amount below zero": {**PRODUCT, "price": {"amount": -1, "currency": "EUR"}},
    "an amount no database takes": {**PRODUCT, "price": {"amount": 2**63, "currency": "EUR"}},
    "no currency": {**PRODUCT, "price": {"amount": 1, "currency": "euro"}},
    "a price in text": {**PRODUCT, "price": "12.50"},
}


@pytest.mark.parametrize("body", WRONG_PRODUCTS.values(), ids=WRONG_PRODUCTS.keys())
def test_a_product_of_another_shape_is_a_failure_of_products(body: object) -> None:
    with serving(reply(200, body)) as server, pytest.raises(PeerFailed):
        Products(Peer("products", server.url)).offer("espresso-cup")


def test_the_log_says_what_was_wrong_with_an_answer() -> None:
    script = [reply(200, {"name": 7}), reply(200, {**PRODUCT, "id": "teapot"}), reply(201, PRODUCT)]
    with serving(*script) as server, capture_logs() as lines:
        for _ in script:
            with pytest.raises(PeerFailed):
                Products(Peer("products", server.url)).offer("espresso-cup")
    assert [line["error"] for line in lines] == ["wrong-shape", "another-product", "unexpected-status"]


def test_an_account_in_good_standing_passes() -> None:
    with serving(reply(200, ACCOUNT)) as server:
        Users(Peer("users", server.url)).check(ADA)


@pytest.mark.parametrize("status", [401, 404])
def test_an_account_that_is_gone_makes_the_token_worthless(status: int) -> None:
    with serving(reply(status)) as server, pytest.raises(Unauthenticated):
        Users(Peer("users", server.url)).check(ADA)


def test_a_suspended_account_may_not_order() -> None:
    with serving(reply(403)) as server, pytest.raises(Forbidden) as refused:
        Users(Peer("users", server.url)).check(ADA)
    assert refused.value.code == "account-suspended"


@pytest.mark.parametrize("body", [{}, {"id": 7}, {"id": "somebody-else"}])
def test_another_account_or_none_is_a_failure_of_users(body: object) -> None:
    with serving(reply(200, body)) as server, pytest.raises(PeerFailed):
        Users(Peer("users", server.url)).check(ADA)


@pytest.mark.parametrize("status", [400, 409, 429])
def test_any_other_answer_of_users_is_its_failure(status: int) -> None:
    with serving(reply(status)) as server, pytest.raises(PeerFailed):
        Users(Peer("users", server.url)).check(ADA)
