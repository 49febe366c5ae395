"""Containers come back with other addresses, or not at all: the gateway finds each service that is there."""

from __future__ import annotations

import time

import pytest
import requests

from ops.stacks.compose import containers
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.model import Wish
from ops.tests.compose.conftest import QUIET, Make
from ops.tests.compose.test_running import eventually

SIGNS = {"users": ("/users/.well-known/jwks.json", "keys"), "products": ("/products?limit=1", "items")}
WITHIN = 5.0


@pytest.fixture(scope="module")
def stack(make: Make) -> ComposeStack:
    stack = make("moved")
    with stack.layout.held():
        stack.up(Wish(0), QUIET)
    return stack


def answers_right(url: str, service: str) -> bool:
    """True when what answers on the service's route is that service."""
    try:
        return _answers_right(url, service)
    except requests.ConnectionError:
        return False


def _answers_right(url: str, service: str) -> bool:
    if service == "orders":
        return requests.get(f"{url}/orders", timeout=5).status_code == 401
    path, member = SIGNS[service]
    answer = requests.get(url + path, timeout=5)
    return answer.status_code == 200 and member in answer.json()


def all_right(stack: ComposeStack) -> bool:
    url = str(stack.status().url)
    return all(answers_right(url, service) for service in ("users", "products", "orders"))


def addresses(stack: ComposeStack) -> dict[str, str | None]:
    return {service: containers.address(stack.containers.of(service)[0]) for service in ("users", "products", "orders")}


def test_requests_reach_the_right_service_after_all_have_swapped_their_addresses(stack: ComposeStack) -> None:
    assert all_right(stack)
    before, gateway = addresses(stack), stack.containers.of("gateway")[0].id
    for service in ("users", "products", "orders"):
        stack.containers.of(service)[0].stop()
    first, *others = sorted(before, key=lambda service: str(before[service]))
    stack.recreate(*others, first)
    after = addresses(stack)
    assert set(before.values()) == set(after.values())
    assert not set(before.items()) & set(after.items())
    assert eventually(lambda: all_right(stack), WITHIN)
    assert stack.containers.of("gateway")[0].id == gateway


def test_one_that_is_replaced_is_found_again(stack: ComposeStack) -> None:
    stack.recreate("orders")
    assert eventually(lambda: all_right(stack), WITHIN)


def test_a_service_that_is_absent_takes_down_its_own_route_alone(stack: ComposeStack) -> None:
    url = str(stack.status().url)
    for service in ("orders", "gateway"):
        stack.containers.of(service)[0].remove(force=True)
    stack.recreate("gateway")
    assert eventually(lambda: answers_right(url, "users") and answers_right(url, "products"), WITHIN)
    began = time.monotonic()
    absent = requests.get(f"{url}/orders", timeout=10)
    assert absent.status_code in (502, 503)
    assert absent.headers["Content-Type"] == "application/problem+json"
    assert time.monotonic() - began < 3
    assert {one.name: one.state for one in stack.status().services}["orders"] == "absent"
    with stack.layout.held():
        stack.up(Wish(None), QUIET)
    assert eventually(lambda: all_right(stack), WITHIN)
