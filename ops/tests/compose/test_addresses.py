"""Containers come back with other addresses, or not at all: the gateway finds each service that is there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest
import requests

from ops.provision.base_image import NAME as BASE
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.model import UpOptions
from ops.tests.compose.conftest import QUIET, Make, replace
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


SIGNS = {"users": ("/users/.well-known/jwks.json", "keys"), "products": ("/products?limit=1", "items")}
WITHIN = 15.0
MOST = 4
"""Containers that take the addresses below the ones wanted."""


@pytest.fixture(scope="module")
def stack(make: Make) -> ComposeStack:
    stack = make("moved")
    with stack.layout.held():
        stack.up(UpOptions(0), QUIET)
    return stack


def answers_right(url: str, service: str) -> bool:
    """True when what answers on the service's route is that service."""
    try:
        return _answers_right(url, service)
    except requests.ConnectionError:
        return False


def _answers_right(url: str, service: str) -> bool:
    if service == "orders":
        return requests.get(f"{url}/orders", timeout=15).status_code == 401
    path, member = SIGNS[service]
    answer = requests.get(url + path, timeout=15)
    return answer.status_code == 200 and member in answer.json()


def all_right(stack: ComposeStack) -> bool:
    url = str(stack.status().url)
    return all(answers_right(url, service) for service in ("users", "products", "orders"))


def addresses(stack: ComposeStack, service: str) -> set[str]:
    networks = stack.containers.of(service)[0].attrs["NetworkSettings"]["Networks"]
    return {network["IPAddress"] for network in networks.values()}


@contextmanager
def somebody_else_at_the_addresses_of(stack: ComposeStack, service: str) -> Iterator[None]:
    """The service is gone, and containers that refuse every connection have got its addresses, and any below them."""
    (gone,) = stack.containers.of(service)
    networks, before = list(gone.attrs["NetworkSettings"]["Networks"]), addresses(stack, service)
    gone.remove(force=True)
    with ExitStack() as others:
        taken: set[str] = set()
        for _ in range(MOST):
            taken |= others.enter_context(stranger(stack, networks))
            if before <= taken:
                break
        assert before <= taken
        yield


@contextmanager
def stranger(stack: ComposeStack, networks: Sequence[str]) -> Iterator[set[str]]:
    """The addresses of a container in all these networks: in each the lowest that is free."""
    client = stack.containers.client
    other = client.containers.run(BASE, ["sleep", "600"], detach=True, network=networks[0])
    try:
        for name in networks[1:]:
            client.networks.get(name).connect(other)
        other.reload()
        yield {one["IPAddress"] for one in other.attrs["NetworkSettings"]["Networks"].values()}
    finally:
        other.remove(force=True)


@pytest.mark.parametrize("service", ["users", "products", "orders"])
def test_a_service_is_found_again_whose_addresses_somebody_else_has(stack: ComposeStack, service: str) -> None:
    assert all_right(stack)
    before, gateway = addresses(stack, service), stack.containers.of("gateway")[0].id
    with somebody_else_at_the_addresses_of(stack, service):
        replace(stack, service)
        assert not before & addresses(stack, service)
        eventually(lambda: all_right(stack), WITHIN)
    assert stack.containers.of("gateway")[0].id == gateway


def test_a_service_that_is_absent_takes_down_its_own_route_alone(stack: ComposeStack) -> None:
    url = str(stack.status().url)
    for service in ("orders", "gateway"):
        stack.containers.of(service)[0].remove(force=True)
    replace(stack, "gateway")
    eventually(lambda: answers_right(url, "users") and answers_right(url, "products"), WITHIN)
    began = time.monotonic()
    absent = requests.get(f"{url}/orders", timeout=10)
    assert absent.status_code in (502, 503)
    assert absent.headers["Content-Type"] == "application/problem+json"
    assert time.monotonic() - began < 8
    assert {one.name: one.state for one in stack.status().services}["orders"] == "absent"
    with stack.layout.held():
        stack.up(UpOptions(None), QUIET)
    eventually(lambda: all_right(stack), WITHIN)
