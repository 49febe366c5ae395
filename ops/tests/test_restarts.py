"""A service is restarted while customers order, on a local stack without fault proxies: they wait and get no error."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ops.progress import Progress
from ops.stacks import rolling
from ops.stacks.layout import Layout
from ops.stacks.local.stack import LocalStack
from ops.stacks.model import UpOptions
from ops.tests.customers import all_of, customers, look, noting, stored, token

QUIET = Progress(quiet=True)
pytestmark = [pytest.mark.whole, pytest.mark.measures]

WAITED = 4.0
"""Seconds that the gateway waits for a service (gateway/includes/wait.conf)."""


DRAIN = 1.5
"""Seconds that a service takes to end, at the most."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    home: Path = tmp_path_factory.mktemp("home")
    stack = LocalStack(Layout("t", home / ".ops"), dict(os.environ))
    try:
        stack.up(UpOptions(0), QUIET)
        yield stack
    finally:
        stack.down()


def restart(stack: LocalStack, service: str) -> None:
    """It is away for two seconds; where that is longer than the gateway waits, there is nothing to be seen."""
    rolling.restart(stack, service, QUIET)
    assert stack.state
    ready_ms = stack.state.member(service).ready_ms
    assert ready_ms
    if (away := DRAIN + ready_ms / 1000) > WAITED:
        pytest.skip(f"the machine is too busy: {service} was away for {away:.1f} s")


def test_who_orders_while_orders_is_restarted_waits_and_gets_no_error(stack: LocalStack) -> None:
    by, acknowledged = token(stack.base_url), list[str]()
    with customers(stack.base_url, 8, noting(acknowledged), by) as asking:
        for _ in range(3):
            restart(stack, "orders")
            time.sleep(WAITED)  # so that nobody who waits meets two of them
    answers = Counter(all_of(asking))
    assert set(answers) == {201} and answers[201] > 30, answers
    assert stored(stack.base_url, by) == sorted(acknowledged)


def test_so_does_who_looks(stack: LocalStack) -> None:
    def browse(session: requests.Session, url: str) -> requests.Response:
        return session.get(f"{url}/products", timeout=10)

    for service, ask in (("orders", look), ("products", browse)):
        with customers(stack.base_url, 8, ask) as asking:
            restart(stack, service)
        answers = Counter(all_of(asking))
        assert set(answers) == {200} and answers[200] > 8, answers
