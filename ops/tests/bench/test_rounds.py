"""Stacks take turns, in the opposite order every other round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from ops.bench.load import Generator
from ops.bench.rounds import Plan, measure
from ops.bench.subject import Subject
from ops.journal.events import Measurement
from ops.tests.report.runs import measurement


@dataclass
class Noted:
    """Notes when it was prepared, loaded and checked."""

    name: str
    notes: list[str] = field(default_factory=list)

    def prepare(self, kinds: Sequence[str]) -> None:
        self.notes.append(f"prepare {self.name}")

    def check(self, kinds: Sequence[str]) -> None:
        self.notes.append(f"check {self.name}")

    def load(self, number: int, kind: str, connections: int, seconds: float, generator: Generator) -> Measurement:
        self.notes.append(f"{kind} {connections} {self.name}")
        return measurement(kind, connections, self.name)


def test_a_b_then_b_a_and_each_round_is_prepared_and_checked() -> None:
    notes: list[str] = []
    subjects = [cast(Subject, Noted(name, notes)) for name in ("A", "B")]

    list(measure(Plan(["GET"], [2, 16], 2, 1), subjects, cast(Generator, None), lambda words: None))

    assert notes == [
        *("prepare A", "prepare B", "GET 2 A", "GET 2 B", "GET 16 A", "GET 16 B", "check A", "check B"),
        *("prepare A", "prepare B", "GET 2 B", "GET 2 A", "GET 16 B", "GET 16 A", "check A", "check B"),
    ]
