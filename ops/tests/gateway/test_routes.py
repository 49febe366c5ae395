"""Which paths reach which service, and which none."""

import pytest

from ops.checks import routes
from ops.checks.configuration import parse
from ops.tests.gateway.echo import Services
from ops.tests.gateway.expectations import assert_guarded, assert_problem, unique
from ops.tests.gateway.running import Gateway
from ops.tests.shop import ROUTES

pytestmark = pytest.mark.whole


PATHS = {
    "users": ("/users", "/users/", "/users/me", "/users/.well-known/jwks.json", "/users?limit=1", "/users/a%20b?x=//"),
    "products": ("/products", "/products/espresso-cup", "/products?after=..%2f..", "/products/..."),
    "orders": ("/orders", "/orders/018f-42", "/orders/a.b.c"),
}
NO_ROUTES = (
    *(
        "/",
        "/usersXYZ",
        "/user",
        "/USERS",
        "/livez",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/problem",
        "/@problem",
        "/wait",
    ),
    *("//users", "/users//me", "/users/../orders", "/users/./me", "/users/..", "/users/.", "/orders/../users/me"),
    *("/users%2fme", "/users/%2e%2e/orders", "/users/%2E/me", "/users%2f..%2forders", "/users/a%5cb", "/users/a\\b"),
    *("/%75sers/me", "/users/..?x=1", "/users/#me", "/healthz/", "/healthz/x", "/./healthz", "/products/..%5corders"),
    *(
        "/docs/missing",
        "/docs.html",
        "/docs/library",
        "/docs/library/",
        "/docs/../users",
        "/docs/%2e%2e/users",
        "/docs//",
    ),
)


def test_each_route_reaches_its_service(gateway: Gateway) -> None:
    for service, paths in PATHS.items():
        for path in paths:
            answer = gateway.ask("GET", path)
            assert answer.status == 200, path
            assert (answer.json()["service"], answer.json()["path"]) == (service, path)
    assert gateway.ask("PATCH", "/products/cup", body=b"{}").json()["method"] == "PATCH"
    assert gateway.ask("GET", "http://shop.test/users/me").json()["path"] == "/users/me"
    assert gateway.ask("POST", "/users/login", body=b"{}").json()["service"] == "users"


def test_nothing_else_is_a_route(gateway: Gateway, services: Services) -> None:
    for no_route in NO_ROUTES:
        path = f"{no_route}{'&' if '?' in no_route else '?'}{unique()}"
        assert_problem(gateway.ask("GET", path), 404, "not-found")
        assert not services.asked(path), path


def test_the_route_table_is_the_contracts(gateway: Gateway) -> None:
    routes.check(parse(gateway.prefix / "nginx.conf"), ROUTES)


def test_the_gateway_answers_for_itself(gateway: Gateway) -> None:
    answer = gateway.ask("GET", "/healthz", "X-Request-ID: health-12345")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    assert answer.all("Content-Type") == ["application/json"]
    assert answer.all("X-Request-ID") == ["health-12345"]
    assert_guarded(answer)
    assert gateway.ask("HEAD", "/healthz").status == 200
    refused = gateway.ask("POST", "/healthz")
    assert_problem(refused, 405, "method-not-allowed")
    assert refused.all("Allow") == ["GET, HEAD"]
