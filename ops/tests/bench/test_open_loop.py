"""The open loop counts waiting, and says what went wrong."""

from __future__ import annotations

import pytest

from ops.bench.load import Request
from ops.bench.open_loop import OpenLoop
from ops.tests.bench.servers import Answer, serial, serving

pytestmark = pytest.mark.whole


ANYTHING = Request("GET /", "GET", "/", {})
SERVICE = 0.05
"""Seconds that the server takes for one request, one at a time: 20 a second at most."""


def test_only_a_server_that_cannot_keep_up_shows_a_queue_in_the_latency() -> None:
    with serving(serial(SERVICE)) as server:
        queued = OpenLoop(40).load(server.url, ANYTHING, 4, 2)
        found = OpenLoop(5).load(server.url, ANYTHING, 4, 2)

    assert queued.acknowledged == 80
    assert queued.seconds >= 80 * SERVICE
    assert queued.p50 > 4 * SERVICE * 1000, "that is all a closed loop over 4 connections would see"
    assert queued.p99 > 10 * SERVICE * 1000
    assert (found.acknowledged, found.errors, found.void) == (10, 0, "")
    assert found.p50 < queued.p50 / 2


def test_requests_are_sent_when_they_are_due_and_not_before() -> None:
    with serving(lambda _number: (200, b"{}")) as server:
        found = OpenLoop(40).load(server.url, ANYTHING, 2, 2)

    assert found.acknowledged == 80
    assert found.seconds >= 79 / 40


def test_one_answer_that_is_not_2xx_voids_it_and_is_not_acknowledged() -> None:
    def one_fails(number: int) -> Answer:
        return (503, b"{}") if number == 5 else (200, b"{}")

    with serving(one_fails) as server:
        found = OpenLoop(40).load(server.url, ANYTHING, 2, 1)

    assert (found.acknowledged, found.errors, found.void) == (39, 1, "1 × status 503")


def test_a_server_that_is_not_there_voids_it() -> None:
    with serving(lambda _number: (200, b"{}")) as server:
        gone = server.url
    found = OpenLoop(20).load(gone, ANYTHING, 2, 1)

    assert (found.acknowledged, found.void) == (0, "20 × ConnectionRefusedError")
