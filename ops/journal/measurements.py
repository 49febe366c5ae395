"""What a bench measured: the rows that single measurements come to."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from ops.journal.events import BenchPlan, BenchStarted, Measurement

Key: TypeAlias = tuple[str, int, str]
"""Request, connections and stack."""
_PLAN = tuple(BenchPlan.model_fields)


@dataclass(frozen=True)
class Row:
    """The measurements of one request, connections and stack: medians of those that count, and the longest of all.

    `rate` and percentiles are None where none counts. `cpu` is CPU seconds for 1,000 requests by service, `memory`
    bytes by service after the last round.
    """

    request: str
    connections: int
    stack: str
    rate: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    longest: float | None
    errors: int
    cpu: Mapping[str, float]
    memory: Mapping[str, int]

    @property
    def key(self) -> Key:
        """What it is of."""
        return self.request, self.connections, self.stack


@dataclass
class Bench:
    """A bench: its plan, the machine that it runs on, and what it measured so far."""

    plan: BenchPlan
    measurements: list[Measurement] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """By request, connections and stack, each in the order in which they came first."""
        return rows(self.measurements)

    @property
    def void(self) -> list[Measurement]:
        """Those that do not count."""
        return [one for one in self.measurements if one.void]

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            **self.plan.model_dump(include=set(_PLAN)),
            "rows": [asdict(row) for row in self.rows],
            "measurements": [_document(one) for one in self.measurements],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Bench:
        """Of a document. Raises ValueError for what is none."""
        plan = BenchPlan.model_validate({name: document[name] for name in _PLAN})
        return cls(plan, [Measurement.model_validate(_figures(one)) for one in document["measurements"]])

    def start(self) -> BenchStarted:
        """The journal's event."""
        return BenchStarted(**self.plan.model_dump(include=set(_PLAN)))


def rows(measurements: Iterable[Measurement]) -> list[Row]:
    """One for each request, connections and stack, grouped in this order."""
    found: dict[Key, list[Measurement]] = {}
    for one in measurements:
        found.setdefault(one.key, []).append(one)
    requests, connections, stacks = (list(dict.fromkeys(key[place] for key in found)) for place in range(3))
    order = [(request, count, stack) for request in requests for count in connections for stack in stacks]
    return [_row(found[key]) for key in order if key in found]


def _row(all_of_it: Sequence[Measurement]) -> Row:
    counted = [one for one in all_of_it if not one.void]
    acknowledged = sum(one.acknowledged for one in counted)

    def median(figure: Callable[[Measurement], float]) -> float | None:
        return statistics.median(map(figure, counted)) if counted else None

    return Row(
        *all_of_it[0].key,
        rate=median(lambda one: one.rate),
        p50=median(lambda one: one.p50),
        p90=median(lambda one: one.p90),
        p99=median(lambda one: one.p99),
        longest=max((one.longest for one in counted), default=None),
        errors=sum(one.errors for one in all_of_it),
        cpu={
            service: sum(one.cpu.get(service, 0.0) for one in counted) / max(acknowledged, 1) * 1000
            for service in all_of_it[-1].cpu
        },
        memory=all_of_it[-1].memory,
    )


def _document(one: Measurement) -> dict[str, Any]:
    return {**one.model_dump(exclude={"event", "ts"}), "rate": round(one.rate, 1)}


def _figures(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "rate"}
