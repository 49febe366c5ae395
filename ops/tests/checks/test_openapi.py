"""A service's document: valid, 3.1, and of the gateway's own routes."""

import re
from pathlib import Path
from typing import Any

import pytest

from ops.checks import CheckFailed, openapi, services
from ops.tests.checks.planted import document, plant

COMMAND = ["python", "-P", "-m", "services.{service}", "openapi"]
ROUTES = {"= /users": "$users", "/users/": "$users", "= /orders": "$orders", "/orders/": "$orders", "/": "404"}


def test_a_valid_document_of_routed_paths_holds() -> None:
    assert openapi.check("users", document("/users", "/users/me"), ROUTES) == "2 paths"


def test_what_only_the_services_own_port_answers_may_be_documented() -> None:
    assert openapi.check("users", document("/users/me", "/livez", "/metrics"), ROUTES)


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        ({**document("/users"), "openapi": "3.0.3"}, "OpenAPI 3.1 is promised, the document says 3.0.3"),
        ({}, "OpenAPI 3.1 is promised, the document says None"),
        ({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}}, "users: "),
        ({**document("/users"), "info": {"title": "t"}}, "is a required property"),
        (document("/users", "/carts"), "/carts is answered by 404 at the gateway"),
        (document("/users", "/orders"), "/orders is answered by $orders at the gateway"),
        (document(), "documents no path"),
    ],
)
def test_a_broken_document_is_named_with_its_place(broken: dict[str, Any], finding: str) -> None:
    with pytest.raises(CheckFailed, match=re.escape(finding)):
        openapi.check("users", broken, ROUTES)


def test_the_gateway_must_not_route_what_is_internal() -> None:
    with pytest.raises(CheckFailed, match=r"/metrics is answered by \$users"):
        openapi.check("users", document("/users", "/metrics"), {**ROUTES, "= /metrics": "$users"})


@pytest.mark.parametrize(
    ("program", "finding"),
    [
        ("raise SystemExit('PORT is missing')", "users openapi ended with 1: PORT is missing"),
        ("raise ValueError('x' * 600)", r"users openapi ended with 1: Traceback \(most recent call last\):"),
        ("print('<html>')", "users openapi printed no JSON: "),
        ("print([1])", "users openapi printed no JSON object"),
    ],
)
def test_a_service_that_says_nothing_of_use_is_named(tmp_path: Path, program: str, finding: str) -> None:
    with pytest.raises(CheckFailed, match=finding):
        services.said(plant(tmp_path, users_openapi=program), "users", COMMAND)


def test_what_a_service_says_is_read(tmp_path: Path) -> None:
    assert services.said(plant(tmp_path), "orders", COMMAND) == document("/orders")
