"""Orders has one replica that is restarted, or two that are replaced in turn, while customers ask: no request fails."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops.errors import StackNotReady, WrongUsage
from ops.faults import restore
from ops.stacks import rolling
from ops.stacks.compose import ready
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.model import UpOptions
from ops.stacks.parts import Part
from ops.system import current
from ops.tests.compose.conftest import QUIET, Make
from ops.tests.customers import all_of, customers, look, noting, order, stored, token
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


CUSTOMERS = 4


WAITED = 4.0
"""Seconds that the gateway waits for a service (gateway/includes/wait.conf)."""


@pytest.fixture(scope="module")
def single(make: Make) -> ComposeStack:
    """With one replica of each, unless a test has scaled it."""
    stack = make("rolling")
    with stack.layout.held():
        stack.up(UpOptions(0), QUIET)
    return stack


@pytest.fixture
def stack(single: ComposeStack) -> ComposeStack:
    scale(single)
    return single


def scale(stack: ComposeStack) -> None:
    """See to it that there are two replicas of orders, both ready."""
    state = stack.state
    assert state
    stack.project(state.gateway.port).up("--no-deps", "--no-recreate", "--scale", "orders=2", "orders")
    replicas = stack.containers.of("orders")
    assert len(replicas) == 2
    eventually(lambda: all(map(ready.answers, replicas)), 20)


def url(stack: ComposeStack) -> str:
    assert stack.state
    return stack.state.url


def containers_of(stack: ComposeStack) -> set[str]:
    return {one.id for one in stack.containers.of("orders")}


def has_been_asked(replica: Any) -> bool:
    """True once the gateway has found it: DNS answers are kept for a second (gateway/stack/http.conf)."""
    return b'"path":"/orders"' in replica.logs(tail=50)


def test_restarting_the_only_one_costs_who_orders_waiting_and_no_error(single: ComposeStack) -> None:
    (orders,) = single.containers.of("orders")
    with customers(url(single), CUSTOMERS, order) as asking:
        time.sleep(0.5)
        begun = time.monotonic()
        orders.restart()
        orders.reload()
        eventually(lambda: ready.answers(orders), 20)
        took = time.monotonic() - begun
        time.sleep(1)
    answers = all_of(asking)
    if took > WAITED:
        pytest.skip(f"the machine is too busy: orders was away for {took:.1f} s")
    assert (set(answers), len(answers) > CUSTOMERS) == ({201}, True)


def test_one_that_was_cut_off_is_ended_by_up_and_by_nothing_else(single: ComposeStack) -> None:
    """As by SIGKILL once the new one is ready: the old one, stopped, and it have one database file."""
    with single.layout.held():
        rollout = single.rollout("orders", QUIET)
        rollout.prepare()
        rollout.replace(Part("orders"))
        says = f"the restart of orders was cut off: python3 -m ops up --name {single.name} --stack compose ends it"
        with pytest.raises(WrongUsage, match=says):
            restore.clear(single)
        with pytest.raises(WrongUsage, match=says):
            rolling.require_over(single)
        assert sorted(one.status for one in single.containers.of("orders")) == ["exited", "running"]
        assert single.up(UpOptions(0), QUIET).state == "ready"
        assert [one.status for one in single.containers.of("orders")] == ["running"]
        assert restore.clear(single) == []


def test_both_replicas_are_shown_and_asked(stack: ComposeStack) -> None:
    shown = [one for one in stack.status().services if one.name == "orders"]
    assert len({one.replica for one in shown}) == 2
    with customers(url(stack), CUSTOMERS, look):
        time.sleep(2)
    assert all(map(has_been_asked, stack.containers.of("orders")))


def describe(stack: ComposeStack, *files: Path, **orders: Any) -> None:
    """From now on that is what the Compose file, and those that are laid over it, say of orders."""
    services = [replace(one, **orders) if one.name == "orders" else one for one in current().services]
    stack.system = replace(current(), services=tuple(services), files=(*current().files, *files))


def test_replacing_each_in_turn_fails_no_request(stack: ComposeStack) -> None:
    describe(stack, single=None)
    before, by, acknowledged = containers_of(stack), token(url(stack)), list[str]()
    with customers(url(stack), CUSTOMERS, noting(acknowledged), by) as asking:
        rolling.restart(stack, "orders", QUIET)
        eventually(lambda: all(map(has_been_asked, stack.containers.of("orders"))), 10)
    assert (set(all_of(asking)), len(acknowledged) > 50) == ({201}, True)
    assert stored(url(stack), by) == sorted(acknowledged)
    assert (len(containers_of(stack)), containers_of(stack) & before) == (2, set())
    assert [one.ready_ms is not None for one in stack.status().services if one.name == "orders"] == [True, True]


def test_a_version_that_does_not_get_ready_is_removed_and_the_old_container_goes_on(
    stack: ComposeStack, tmp_path: Path
) -> None:
    (tmp_path / "broken.yml").write_text("services: {orders: {environment: {PORT: none}}}")
    describe(stack, tmp_path / "broken.yml", single="so the old one has ended by then", is_built=False, after={})
    before = [stack.parts.see(part) for part in stack.parts.all() if part.service == "orders"]
    with pytest.raises(StackNotReady, match="orders is rolled back to the version before: orders.* ended") as refused:
        rolling.restart(stack, "orders", QUIET)
    after = [stack.parts.see(part) for part in stack.parts.all() if part.service == "orders"]
    assert "PORT" in " ".join(refused.value.log)
    assert [one.body for one in after] == [one.body for one in before]
    assert [one.run == two.run for one, two in zip(before, after, strict=True)] == [False, True]
    assert all(map(ready.answers, stack.containers.of("orders")))
