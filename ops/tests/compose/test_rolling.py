"""Orders has one replica that is restarted, or two that are replaced in turn, while customers ask: no request fails."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ops.stacks.compose import containers, ready
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.model import UpOptions
from ops.tests.compose.conftest import QUIET, Make
from ops.tests.customers import all_of, customers, look, order
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


def test_both_replicas_are_shown_and_asked(stack: ComposeStack) -> None:
    shown = [one for one in stack.status().services if one.name == "orders"]
    assert [one.replica for one in shown] == [1, 2]
    with customers(url(stack), CUSTOMERS, look):
        time.sleep(2)
    assert all(map(has_been_asked, stack.containers.of("orders")))


def test_replacing_each_in_turn_fails_no_request(stack: ComposeStack) -> None:
    before = {one.id for one in stack.containers.of("orders")}
    with customers(url(stack), CUSTOMERS, look) as asking:
        for replica in stack.containers.of("orders"):
            replica.stop()
            assert replica.wait()["StatusCode"] == 0
            replica.remove()
            scale(stack)
            eventually(lambda: all(map(has_been_asked, stack.containers.of("orders"))), 10)
    answers = all_of(asking)
    assert not before & {one.id for one in stack.containers.of("orders")}
    assert {containers.service(one) for one in stack.containers.all() if one.status == "running"} >= {"orders"}
    assert (set(answers), len(answers) > 500) == ({200}, True)
