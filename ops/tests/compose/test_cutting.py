"""Links of a running stack are cut one by one: felt by who needs them alone, and undone at once."""

from __future__ import annotations

import time

import pytest
import requests

from ops.faults.link_faults import LinkFaults
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.model import UpOptions
from ops.system import Link
from ops.tests.compose.conftest import LINK, QUIET, Make
from ops.tests.compose.test_addresses import answers_right
from ops.tests.shop import SHOP

pytestmark = pytest.mark.whole


SERVED = ("users", "products", "orders")
TRY = "exec 3<>/dev/tcp/{}/8000"


@pytest.fixture(scope="module")
def stack(make: Make) -> ComposeStack:
    stack = make("cut")
    with stack.layout.held():
        stack.up(UpOptions(0), QUIET)
    return stack


def url(stack: ComposeStack) -> str:
    assert stack.state
    return stack.state.url


def faults(stack: ComposeStack) -> LinkFaults:
    return LinkFaults(stack.link_control)


def passes(stack: ComposeStack, link: Link) -> bool:
    """Tried from inside each of the caller's containers."""
    return all(
        one.exec_run(["timeout", "1", "bash", "-c", TRY.format(link.peer)]).exit_code == 0
        for one in stack.containers.of(link.caller)
    )


@pytest.mark.parametrize("link", SHOP.links, ids=str)
def test_a_link_is_cut_alone_and_joined_again(stack: ComposeStack, link: Link) -> None:
    others = set(SHOP.links) - {link}
    before = {one.id: one.attrs["State"]["StartedAt"] for one in stack.containers.all()}
    with faults(stack).cut(str(link)) as cut:
        assert [passes(stack, one) for one in (link, *others)] == [False, *[True] * len(others)]
    assert passes(stack, link)
    assert {one.id: one.attrs["State"]["StartedAt"] for one in stack.containers.all()} == before
    assert cut.evidence().items() >= {"kind": "cut", "target": str(link), "state": "confirmed"}.items()


def test_who_asks_over_it_is_told_and_all_others_are_served(stack: ComposeStack) -> None:
    with faults(stack).cut("gateway:products"):
        assert [answers_right(url(stack), name) for name in SERVED] == [True, False, True]
        began = time.monotonic()
        assert requests.get(f"{url(stack)}/products", timeout=15).status_code in (502, 504)
        assert time.monotonic() - began < 10
    assert [answers_right(url(stack), name) for name in SERVED] == [True, True, True]


def test_an_order_meanwhile_is_refused_in_time_and_one_right_after_it_accepted(stack: ComposeStack) -> None:
    """The first finds a connection that was kept, the second none."""
    token = {"Authorization": f"Bearer {signed_in(stack)}"}

    def order() -> tuple[int, str]:
        answer = requests.post(f"{url(stack)}/orders", json={"productId": "espresso-cup"}, headers=token, timeout=15)
        assert answer.elapsed.total_seconds() < 3
        return answer.status_code, answer.json().get("type", "").removeprefix("urn:problem:")

    assert order() == (201, "")
    with faults(stack).cut(str(LINK)):
        assert [order(), order()] == [(504, "products-timeout"), (504, "products-timeout")]
    assert order() == (201, "")


def signed_in(stack: ComposeStack) -> str:
    account = {"email": "lin@example.com", "password": "long enough"}
    assert requests.post(f"{url(stack)}/users/register", json=account, timeout=15).status_code == 201
    return str(requests.post(f"{url(stack)}/users/login", json=account, timeout=15).json()["accessToken"])


def test_every_replica_is_cut_off(stack: ComposeStack) -> None:
    assert stack.state
    stack.project(stack.state.gateway.port).up("--no-deps", "--no-recreate", "--scale", "orders=2", "orders")
    _, second = stack.containers.of("orders")
    with faults(stack).cut(str(LINK)) as cut:
        assert not any(
            one.exec_run(["timeout", "1", "bash", "-c", TRY.format("products")]).exit_code == 0
            for one in stack.containers.of("orders")
        )
    assert (cut.state, passes(stack, LINK)) == ("confirmed", True)
    second.remove(force=True)
