"""The request to look at when a scenario did not pass."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.journal.events import Event
from ops.journal.scenario import Try
from ops.progress import Progress
from ops.run.live_progress import LiveProgress
from ops.tests.journals import event, record
from ops.trace.trace_link import TraceLink

FILE = "features/orders/place_order.feature"


def at(seconds: float, kind: str, **fields: Any) -> Event:
    """Begun so many seconds after 1970, and over at once."""
    return event(kind, ts=datetime.fromtimestamp(seconds, UTC), **fields)


def asked(number: int, seconds: float, **fields: Any) -> Event:
    return at(seconds, "request", requestId=f"made.up.L1.{number}", **fields)


def tried(named: str) -> Try:
    """Two requests before the step that fails at 10 s, and one after it, as a recovery makes."""
    step = at(10, "step", status="failed", error="found 503", requestId=named)
    events = [at(6, "scenario-started"), asked(1, 7), asked(2, 9), step, asked(3, 11)]
    return record(*events, at(12, "scenario-finished", status="failed")).scenarios[0].last


def reasoned(*events: Event, status: str = "failed", reason: str = "why") -> Try:
    end = at(12, "scenario-finished", status=status, reason=reason)
    return record(at(6, "scenario-started"), *events, end).scenarios[0].last


@pytest.mark.parametrize(("named", "suspect"), [("", "made.up.L1.2"), ("made.up.L1.1", "made.up.L1.1")])
def test_it_is_the_one_that_the_step_names_else_the_last_before_the_failure(named: str, suspect: str) -> None:
    assert tried(named).suspect == suspect


def test_where_a_fault_was_not_confirmed_it_is_one_that_met_it() -> None:
    """Not one that a later look at the orders made, nor one that was served."""
    fault = at(10.5, "fault", state="mismatch", ms=3000)
    made = [asked(1, 7, status=200), asked(2, 8, status=503), asked(3, 9, status=200), asked(4, 11, status=200)]
    assert reasoned(*made, fault, status="not-proven").suspect == "made.up.L1.2"
    assert reasoned(made[0], *made[2:], fault, status="not-proven").suspect == "made.up.L1.3"


def test_where_no_step_failed_it_is_the_last() -> None:
    assert reasoned(asked(1, 7), asked(2, 9)).suspect == "made.up.L1.2"


def test_without_requests_there_is_none() -> None:
    assert reasoned().suspect == ""


def test_where_somebody_else_made_the_requests_it_is_the_one_that_is_named() -> None:
    assert reasoned(at(10, "step", status="failed", requestId="smoke.products-q-1")).suspect == "smoke.products-q-1"


def test_what_is_told_at_once_is_not_the_mending_either(capsys: pytest.CaptureFixture[str]) -> None:
    progress, scenario = Progress(), f"{FILE}:1"
    with progress.rows() as rows:
        narrator = LiveProgress(progress, rows, TraceLink("some-run"), Counter({FILE: 1}))
        narrator.tell(event("scenario-started", id=scenario, file=FILE))
        narrator.tell(asked(1, 1, scenario=scenario))
        narrator.tell(event("step", status="failed", error="no", scenario=scenario))
        narrator.tell(asked(2, 1, scenario=scenario))
        narrator.tell(event("scenario-finished", id=scenario, status="failed", ms=1))
    assert "ops trace --run some-run made.up.L1.1" in capsys.readouterr().err
