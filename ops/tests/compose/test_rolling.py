"""Two replicas of orders, each replaced in turn while customers look at their orders: no request fails."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from ops.stacks.compose import containers, ready
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.model import UpOptions
from ops.tests.compose.conftest import QUIET, Make
from ops.tests.waiting import eventually

CUSTOMERS = 4


@pytest.fixture(scope="module")
def stack(make: Make) -> ComposeStack:
    stack = make("rolling")
    with stack.layout.held():
        stack.up(UpOptions(0), QUIET)
    scale(stack)
    return stack


def scale(stack: ComposeStack) -> None:
    """See to it that there are two replicas of orders, both ready."""
    state = stack.state
    assert state
    stack.project(state.gateway.port).up("--no-deps", "--no-recreate", "--scale", "orders=2", "orders")
    replicas = stack.containers.of("orders")
    assert len(replicas) == 2
    eventually(lambda: all(map(ready.answers, replicas)), 20)


@contextmanager
def customers(stack: ComposeStack) -> Iterator[list[Future[list[int | str]]]]:
    """Several of them ask for their orders without a pause until the block ends."""
    over = threading.Event()
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        asking = [pool.submit(ask, stack, over) for _ in range(CUSTOMERS)]
        try:
            yield asking
        finally:
            over.set()


def token_of_a_customer(url: str) -> str:
    """Of an account that is made for it."""
    person = {"email": f"{uuid.uuid4().hex}@rolling.test", "password": "correct horse battery"}
    requests.post(f"{url}/users/register", json=person, timeout=10).raise_for_status()
    return str(requests.post(f"{url}/users/login", json=person, timeout=10).json()["accessToken"])


def ask(stack: ComposeStack, over: threading.Event) -> list[int | str]:
    """The status of each answer, or the name of the error in its place."""
    state = stack.state
    assert state
    token = token_of_a_customer(state.url)
    answers: list[int | str] = []
    with requests.Session() as session:
        while not over.is_set():
            try:
                asked = session.get(f"{state.url}/orders", headers={"Authorization": f"Bearer {token}"}, timeout=10)
                answers.append(asked.status_code)
            except requests.RequestException as failure:
                answers.append(type(failure).__name__)
    return answers


def has_been_asked(replica: Any) -> bool:
    """True once the gateway has found it: DNS answers are kept for a second (gateway/stack/http.conf)."""
    return b'"path":"/orders"' in replica.logs(tail=50)


def test_both_replicas_are_shown_and_asked(stack: ComposeStack) -> None:
    shown = [one for one in stack.status().services if one.name == "orders"]
    assert [one.replica for one in shown] == [1, 2]
    with customers(stack):
        time.sleep(2)
    assert all(map(has_been_asked, stack.containers.of("orders")))


def test_replacing_each_in_turn_fails_no_request(stack: ComposeStack) -> None:
    before = {one.id for one in stack.containers.of("orders")}
    with customers(stack) as asking:
        for replica in stack.containers.of("orders"):
            replica.stop()
            assert replica.wait()["StatusCode"] == 0
            replica.remove()
            scale(stack)
            eventually(lambda: all(map(has_been_asked, stack.containers.of("orders"))), 10)
    answers = [answer for customer in asking for answer in customer.result()]
    assert not before & {one.id for one in stack.containers.of("orders")}
    assert {containers.service(one) for one in stack.containers.all() if one.status == "running"} >= {"orders"}
    assert (set(answers), len(answers) > 500) == ({200}, True)
