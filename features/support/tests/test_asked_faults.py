"""Faults that a scenario asks for: the journal tells of each, also of one that never came about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from features.support.faults.faults import Faults
from features.support.faults.recoveries import Recoveries
from ops.api import Journal, NotProven, Place, Stack, events


class Unwilling:
    """A fault that does not show."""

    detail, recovery_ms = "orders paused: seen running → running", 3.0

    def __enter__(self) -> None:
        raise NotProven("orders is running although it was paused")

    def confirmed(self) -> bool:
        return False

    def evidence(self) -> dict[str, object]:
        return {"kind": "paused", "target": "orders", "state": "mismatch", "ms": 5.0, "detail": self.detail}


class UnwillingStack:
    """Breaks nothing."""

    def break_service(self, *asked: Any) -> Unwilling:
        return Unwilling()


def test_a_fault_that_never_came_about_stands_in_the_journal_with_the_reason(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    place = Place("features/made/up.feature", 1, "run")
    faults = Faults(cast(Stack, UnwillingStack()), place, journal, Recoveries())
    with pytest.raises(NotProven):
        faults.break_service("orders", "paused", lambda: None)
    assert faults, "it was asked for"
    faults.undo(lambda: journal.write(events.Summary(words="journey")))
    journey, fault = map(json.loads, journal.path.read_text().splitlines())
    assert (journey["words"], fault["event"]) == ("journey", "fault")
    assert (fault["scenario"], fault["kind"], fault["target"]) == ("features/made/up.feature:1", "paused", "orders")
    assert (fault["state"], fault["began"] <= fault["ts"]) == ("mismatch", True)
    assert fault["detail"] == "orders paused: seen running → running; orders is running although it was paused"
