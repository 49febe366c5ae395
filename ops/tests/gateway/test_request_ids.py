"""X-Request-ID: kept if well formed, else made; the same everywhere."""

import re

import pytest

from ops.tests.gateway.expectations import seen
from ops.tests.gateway.running import Gateway

pytestmark = pytest.mark.whole


FRESH = re.compile(r"[0-9a-f]{32}")
MALFORMED_IDS = (
    "short",
    "a" * 65,
    "-starts-wrong",
    'quo"te-quote',
    "with space in",
    "a/b/c/d/e/f",
    "new\tline-tab",
    "",
)


def test_a_well_formed_request_id_is_kept(gateway: Gateway) -> None:
    for kept in ("12345678", "orders.place_order.L12.3-20261122", "A" * 64):
        answer = gateway.ask("GET", "/users/me", f"X-Request-ID: {kept}")
        assert answer.all("X-Request-ID") == [kept]
        assert seen(answer)["x-request-id"] == [kept]


def test_a_malformed_request_id_is_replaced(gateway: Gateway) -> None:
    for malformed in (None, *MALFORMED_IDS):
        headers = [] if malformed is None else [f"X-Request-ID: {malformed}"]
        answer = gateway.ask("GET", "/users/me", *headers)
        (fresh,) = answer.all("X-Request-ID")
        assert FRESH.fullmatch(fresh), malformed
        assert seen(answer)["x-request-id"] == [fresh]


def test_two_request_ids_leave_as_one(gateway: Gateway) -> None:
    answer = gateway.ask("GET", "/users/me", "X-Request-ID: 11111111-a", "X-Request-ID: 22222222-b")
    (one,) = answer.all("X-Request-ID")
    assert one == "11111111-a" or FRESH.fullmatch(one), "nginx 1.22 takes the first, 1.23 joins them"
    assert seen(answer)["x-request-id"] == [one]
