"""Request IDs, and how long a request may take."""

import time

import pytest

from services.common.runtime import scope
from services.common.runtime.timeouts import TIMEOUTS

GOOD = ["a1b2c3d4", "orders.place_order.L12.3-20261122", "A-._bcdefg", "x" * 64]
BAD = [
    None,
    "",
    "short12",
    "x" * 65,
    "-starts-badly",
    "has space in it",
    'quote"quote',
    "ümlaut-id",
    "id\nwith-newline",
    "12345678\n",
]


@pytest.mark.parametrize("given", GOOD)
def test_a_good_request_id_is_kept(given: str) -> None:
    assert scope.begin(given, None).request_id == given


@pytest.mark.parametrize("given", BAD)
def test_any_other_is_replaced_by_32_hex_digits(given: str | None) -> None:
    made = {scope.begin(given, None).request_id for _ in range(2)}
    assert len(made) == 2 and all(len(bytes.fromhex(request_id)) == 16 for request_id in made)


def test_peers_have_their_time_counted_from_the_gateway() -> None:
    fresh = scope.begin(None, None)
    waited = scope.begin(None, 0.5)
    assert fresh.remaining() == pytest.approx(TIMEOUTS.peers, abs=0.1)
    assert waited.remaining() == pytest.approx(TIMEOUTS.peers - 0.5, abs=0.1)
    assert (fresh.waited, waited.waited) == (0.0, 0.5)


def test_time_never_runs_below_zero() -> None:
    assert scope.Scope("request-1", deadline=time.monotonic() - 1).remaining() == 0


def test_outside_of_a_request_there_is_no_deadline() -> None:
    assert scope.current().request_id == ""
    assert scope.current().remaining() == float("inf")


def test_a_scope_ends_with_its_block() -> None:
    with scope.entered(scope.begin("request-1", None)):
        assert scope.current().request_id == "request-1"
    assert scope.current() is scope.NO_REQUEST


def test_in_the_loop_there_is_no_time_to_wait_and_a_thread_is_asked_for() -> None:
    here = scope.begin("request-0001", None, in_loop=True)
    assert here.left() == 0.0
    with pytest.raises(scope.NeedsThread):
        here.require_thread()
    scope.begin("request-0001", None).require_thread()
