"""The request to look at when a scenario did not pass."""

from __future__ import annotations

from collections import Counter

import pytest

from ops.evidence.scenario import Fault, Request, Step, Try
from ops.progress import Progress
from ops.proof.narrator import Narrator
from ops.trace.trace_link import TraceLink

FILE = "features/orders/place_order.feature"


def tried(error: str, *, ended: float = 10.0) -> Try:
    """Two requests before the step at 8 s fails and one after it, as a recovery makes."""
    step = Step("Then", "the order is accepted", "failed", ms=(ended - 8) * 1000, error=error, at=8.0)
    asked = [Request(f"made.up.L1.{number}", "GET", "/", at=at) for number, at in ((1, 7.0), (2, 9.0), (3, 11.0))]
    return Try(at=6.0, reason="", steps=[step], requests=asked)


@pytest.mark.parametrize(
    ("error", "suspect"),
    [("found 503", "made.up.L1.2"), ("503 [made.up.L1.1]", "made.up.L1.1"), ("502 [made.up.L9.9]", "made.up.L1.2")],
)
def test_it_is_the_one_that_the_reason_names_else_the_last_before_the_failure(error: str, suspect: str) -> None:
    assert tried(error).suspect == suspect


def test_where_a_fault_was_not_confirmed_it_is_one_that_met_it() -> None:
    """Not one that a later look at the orders made, nor one that was served."""
    fault = Fault("made up", "status", "orders:products", "mismatch", ms=3000, at=7.5)
    asked = [(1, 7.0, 200), (2, 8.0, 503), (3, 9.0, 200), (4, 11.0, 200)]
    made = [Request(f"made.up.L1.{number}", "GET", "/", at=at, status=status) for number, at, status in asked]
    unproven = Try(at=6.0, status="not-proven", reason="took effect once", requests=made, faults=[fault])
    assert unproven.suspect == "made.up.L1.2"
    unproven.requests = [one for one in made if one.status == 200]
    assert unproven.suspect == "made.up.L1.3"


def test_without_times_it_is_the_last() -> None:
    tried_long_ago = Try(at=6.0, reason="why", requests=tried("").requests)
    assert tried_long_ago.suspect == "made.up.L1.3"


def test_without_requests_there_is_none() -> None:
    assert Try(at=6.0, reason="why").suspect == ""


@pytest.mark.parametrize(
    ("why", "suspect"),
    [
        ("it answers 200 [smoke.products-q-5235-20261123-025352-c3q]", "smoke.products-q-5235-20261123-025352-c3q"),
        ("found [1, 2] not [3] []", ""),
    ],
)
def test_where_somebody_else_made_the_requests_it_is_the_one_in_brackets(why: str, suspect: str) -> None:
    assert Try(at=6.0, reason=why).suspect == suspect


def test_what_is_told_at_once_is_not_the_mending_either(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    with progress.rows() as rows:
        narrator = Narrator(progress, rows, TraceLink("some-run"), Counter({FILE: 1}))
        scenario = {"scenario": f"{FILE}:1"}
        narrator.tell({"event": "scenario-started", "id": f"{FILE}:1", "name": "made up"})
        narrator.tell({"event": "request", "requestId": "made.up.L1.1", **scenario})
        narrator.tell(
            {"event": "step", "keyword": "Then", "text": "it is", "status": "failed", "error": "no", **scenario}
        )
        narrator.tell({"event": "request", "requestId": "made.up.L1.2", **scenario})
        narrator.tell({"event": "scenario-finished", "id": f"{FILE}:1", "status": "failed", "ms": 1})
    assert "ops trace --run some-run made.up.L1.1" in capsys.readouterr().err
