"""GET /orders and GET /orders/{id}: one's own, newest first, page by page."""

import pytest

from services.common.auth.tokens import Verifier
from services.common.web.app import App
from services.orders import routes
from services.orders.app import document
from services.orders.tests.calls import call
from services.orders.tests.conftest import ACCOUNT, PRODUCT, Orders
from services.orders.tests.fakes import ADA, BOB, OWN, Untouchable, bearer


def place(orders: Orders, count: int) -> list[str]:
    orders.expect(users=[ACCOUNT] * count, products=[PRODUCT] * count)
    return [orders.place().body["id"] for _ in range(count)]


def test_an_order_can_be_read_again(orders: Orders) -> None:
    (placed,) = place(orders, 1)
    read = call(orders.app, "GET", f"/orders/{placed}", headers=bearer(ADA))
    assert (read.status, read.body["id"]) == (200, placed)


def test_reading_asks_no_peer(orders: Orders) -> None:
    orders.listed()
    assert orders.users.requests == orders.products.requests == []


def test_another_customers_order_does_not_exist(orders: Orders) -> None:
    (placed,) = place(orders, 1)
    refused = call(orders.app, "GET", f"/orders/{placed}", headers=bearer(BOB))
    assert (refused.status, refused.problem) == (404, "order-not-found")
    assert call(orders.app, "GET", "/orders", headers=bearer(BOB)).body == {"items": [], "next": None}


@pytest.mark.parametrize(
    "order_id", ["nothing", "a\x00b", "\xc3\xbc", "1" * 300, "01A2059B-D182-772D-A1E2-CE3DF450E4BF"]
)
def test_what_can_be_no_orders_id_is_not_found_without_a_look(order_id: str) -> None:
    app = App("orders", verifier=Verifier(OWN, "gateproof", "gateproof"))
    routes.mount(app, Untouchable())  # type: ignore[arg-type]
    assert call(app, "GET", f"/orders/{order_id}", headers=bearer(ADA)).problem == "order-not-found"


def test_pages_follow_each_other_without_a_gap(orders: Orders) -> None:
    placed = place(orders, 5)
    seen, after = [], ""
    for _ in range(3):
        page = call(orders.app, "GET", f"/orders?limit=2{after}", headers=bearer(ADA)).body
        seen += [item["id"] for item in page["items"]]
        after = f"&after={page['next']}"
    assert seen == placed[::-1]
    assert page["next"] is None


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", "", "1e2", "9999999999999999999999"])
def test_a_limit_that_is_none_is_named(orders: Orders, limit: str) -> None:
    refused = call(orders.app, "GET", f"/orders?limit={limit}", headers=bearer(ADA))
    assert (refused.status, refused.problem) == (422, "validation-failed")
    assert [error["pointer"] for error in refused.body["errors"]] == ["/limit"]


def test_after_an_unknown_order_the_list_goes_on_below_it(orders: Orders) -> None:
    place(orders, 1)
    unknown = "00000000-0000-7000-8000-000000000000"
    assert call(orders.app, "GET", f"/orders?after={unknown}", headers=bearer(ADA)).body["items"] == []


def test_after_what_is_no_order_id_is_refused(orders: Orders) -> None:
    refused = call(orders.app, "GET", "/orders?after=zzz", headers=bearer(ADA))
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/after")


def test_every_route_of_the_document_may_fail_for_want_of_keys() -> None:
    for methods in document()["paths"].values():
        for operation in methods.values():
            assert "users-unavailable" in operation["responses"]["503"]["description"]


def test_the_documents_routes_are_those_of_the_contract(orders: Orders) -> None:
    assert {path: sorted(methods) for path, methods in orders.app.document()["paths"].items()} == {
        "/orders": ["get", "post"],
        "/orders/{orderId}": ["get"],
    }


def test_the_service_is_ready_while_its_own_database_is_and_whatever_its_peers_do(orders: Orders) -> None:
    orders.expect(users=[], products=[])
    assert call(orders.app, "GET", "/readyz").status == 200
