"""Faults that a scenario asks for: the journal tells of each, also of one that never came about."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from features.support.faults.faults import Faults
from features.support.faults.recoveries import Recoveries
from ops.api import Journal, NotProven, Place, Stack, events


class Only(str):
    """The only replica of the service of that name."""

    __slots__ = ()
    replica = 1

    @property
    def service(self) -> str:
        return str(self)


class Stubborn:
    """A stack whose parts stay as they are, also when a fault is asked for."""

    base_url, link_control, capabilities = "", None, frozenset({"pause"})

    @property
    def parts(self) -> Stubborn:
        return self

    def all(self) -> list[Only]:
        return [Only("orders")]

    def see(self, part: object) -> SimpleNamespace:
        return SimpleNamespace(state="running", run="1", body="1")

    def pause(self, part: object) -> None: ...

    def answers(self, part: object) -> bool:
        return True


def test_a_fault_that_never_came_about_stands_in_the_journal_with_the_reason(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    place = Place("features/made/up.feature", 1, "run")
    faults = Faults(cast(Stack, Stubborn()), place, journal, Recoveries())
    with pytest.raises(NotProven):
        faults.break_service("orders", "paused", lambda: None)
    assert faults, "it was asked for"
    faults.undo(lambda: journal.write(events.Summary(words="journey")))
    journey, fault = map(json.loads, journal.path.read_text().splitlines())
    assert (journey["words"], fault["event"]) == ("journey", "fault")
    assert (fault["scenario"], fault["kind"], fault["target"]) == ("features/made/up.feature:1", "paused", "orders")
    assert (fault["state"], fault["began"] <= fault["ts"]) == ("mismatch", True)
    assert fault["detail"].startswith("orders paused: seen running → running")
    assert fault["detail"].endswith("; orders is running although it was paused")
