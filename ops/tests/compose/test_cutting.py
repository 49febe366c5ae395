"""Links of a running stack are cut one by one: seen from inside, felt by who needs them alone, and undone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence

import pytest
import requests

from ops.errors import WrongUsage
from ops.faults.errors import NotProven
from ops.stacks import clearing, cutting, standing
from ops.stacks.compose import containers
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.cutting import Cut
from ops.stacks.model import Wish
from ops.stacks.parts import Sight
from ops.system import Link
from ops.tests.compose.conftest import LINK, QUIET, Make
from ops.tests.compose.test_addresses import answers_right
from ops.tests.shop import SHOP
from ops.tests.waiting import eventually

SERVED = ("users", "products", "orders")


@pytest.fixture(scope="module")
def stack(make: Make) -> ComposeStack:
    """Without a fault proxy: what is cut is the way that a deployment has."""
    stack = make("cut")
    with stack.layout.held():
        stack.up(Wish(0), QUIET)
    return stack


def url(stack: ComposeStack) -> str:
    assert stack.state
    return stack.state.url


def cutting_of(stack: ComposeStack, link: Link) -> Cut:
    return Cut(stack.wires, link, url(stack))


@pytest.mark.parametrize("link", SHOP.links, ids=str)
def test_a_link_is_cut_alone_and_joined_again(stack: ComposeStack, link: Link) -> None:
    others = set(SHOP.links) - {link}
    before = names(stack, link)
    with cutting_of(stack, link) as cut:
        assert [stack.wires.passes(one) for one in (link, *others)] == [False, *[True] * len(others)]
        assert {service.state for service in stack.status().services} == {"running"}
    assert stack.wires.passes(link)
    assert names(stack, link) == before
    assert cut.evidence().items() >= {"kind": "cut", "target": str(link), "state": "confirmed"}.items()
    assert cut.recovery_ms


def names(stack: ComposeStack, link: Link) -> set[str]:
    """Those by which the caller is known on the link's network."""
    (caller,) = stack.containers.of(link.caller)
    network = f"{stack.project().name}_{link.caller}-{link.peer}"
    return set(caller.attrs["NetworkSettings"]["Networks"][network]["Aliases"])


def test_who_asks_over_it_is_told_and_all_others_are_served(stack: ComposeStack) -> None:
    with cutting_of(stack, Link("gateway", "products")):
        assert [served(stack, name) for name in SERVED] == [True, False, True]
        began = time.monotonic()
        assert requests.get(f"{url(stack)}/products", timeout=5).status_code in (502, 504)
        assert time.monotonic() - began < 3
    assert [served(stack, name) for name in SERVED] == [True, True, True]


def served(stack: ComposeStack, service: str) -> bool:
    return answers_right(url(stack), service)


def test_an_order_meanwhile_is_refused_in_time_and_one_right_after_it_accepted(stack: ComposeStack) -> None:
    token = {"Authorization": f"Bearer {signed_in(stack)}"}

    def order() -> tuple[int, str]:
        answer = requests.post(f"{url(stack)}/orders", json={"productId": "espresso-cup"}, headers=token, timeout=5)
        assert answer.elapsed.total_seconds() < 3
        return answer.status_code, answer.json().get("type", "").removeprefix("urn:problem:")

    assert order() == (201, "")
    with cutting_of(stack, LINK):
        assert [order(), order()] == [(504, "products-timeout"), (503, "products-unavailable")]
    eventually(lambda: order() == (201, ""), 1.5)


def signed_in(stack: ComposeStack) -> str:
    account = {"email": "lin@example.com", "password": "long enough"}
    assert requests.post(f"{url(stack)}/users/register", json=account, timeout=5).status_code == 201
    return str(requests.post(f"{url(stack)}/users/login", json=account, timeout=5).json()["accessToken"])


def test_a_lookup_does_not_outlive_the_cut(stack: ComposeStack) -> None:
    (orders,) = stack.containers.of("orders")
    with cutting_of(stack, LINK):
        began = time.monotonic()
        assert orders.exec_run(["getent", "ahosts", "products"]).exit_code
        assert time.monotonic() - began < 2


def test_every_replica_is_cut_off(stack: ComposeStack) -> None:
    assert stack.state
    stack.project(stack.state.gateway.port).up("--no-deps", "--no-recreate", "--scale", "orders=2", "orders")
    first, second = stack.containers.of("orders")
    with cutting_of(stack, LINK):
        assert not stack.wires.passes(LINK)
        with rejoined(stack, second.name):
            assert stack.wires.see(LINK).state == "leaking"
    assert stack.wires.see(LINK).state == "running"
    second.remove(force=True)
    assert containers.number(first) == 1


@contextlib.contextmanager
def rejoined(stack: ComposeStack, container: str) -> Iterator[None]:
    network = stack.containers.network("orders-products")
    assert network
    network.connect(container)
    yield
    network.disconnect(container)


def test_what_a_killed_ops_left_is_told_and_cleared(stack: ComposeStack) -> None:
    with stack.layout.held():
        standing.add(stack.layout, cutting.KIND, str(LINK))
        stack.wires.cut(LINK)
        (line,) = clearing.listed(stack)
        assert line.startswith("cut orders:products since")
        (line,) = clearing.clear(stack)
        assert line.startswith("orders:products is back after")
        assert (list(clearing.listed(stack)), clearing.clear(stack)) == ([], [])


def test_what_is_cut_cannot_be_cut_again(stack: ComposeStack) -> None:
    refused = pytest.raises(WrongUsage, match="orders:products is cut already")
    with cutting_of(stack, LINK), refused, cutting_of(stack, LINK):
        pass
    assert stack.wires.see(LINK).state == "running"


def test_down_finds_what_is_cut(make: Make) -> None:
    stack = make("cutdown")
    with stack.layout.held():
        stack.up(Wish(0), QUIET)
        stack.wires.cut(LINK)
        stack.down()
    assert (stack.containers.all(), stack.containers.network("orders-products")) == ([], None)


class Wires:
    """Wires without an engine, which remember what was asked of them."""

    def __init__(self, *, can_be_cut: bool) -> None:
        self._can_be_cut = can_be_cut
        self._is_cut = False
        self.calls: list[str] = []

    def all(self) -> Sequence[Link]:
        return [LINK]

    def see(self, link: Link) -> Sight:
        self.calls.append("see")
        return Sight("cut" if self._is_cut else "running")

    def passes(self, link: Link) -> bool:
        return not self._is_cut

    def cut(self, link: Link) -> None:
        self._is_cut = self._can_be_cut

    def join(self, link: Link) -> bool:
        self.calls.append("join")
        was_cut, self._is_cut = self._is_cut, False
        return was_cut


def test_a_cut_that_does_not_show_is_not_proven() -> None:
    cut = Cut(Wires(can_be_cut=False), LINK, "", lambda: True)
    with pytest.raises(NotProven, match="orders:products is running although it was cut"), cut:
        pytest.fail("it was taken for cut")
    assert cut.state == "mismatch"


def test_a_cut_that_was_seen_at_its_end_is_undone_at_once() -> None:
    """A look takes as long as a connection that does not come about."""
    wires = Wires(can_be_cut=True)
    with Cut(wires, LINK, "", lambda: True):
        wires.calls.clear()
    assert wires.calls == ["see", "join", "see"]
