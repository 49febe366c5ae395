"""What a bench measured: single measurements, and the rows that they come to. Writers and readers share these types."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from ops.evidence.fields import Fields, items, members, number, optional, text

Key: TypeAlias = tuple[str, int, str]
"""Request, connections and stack."""


@dataclass(frozen=True)
class Measurement:
    """One load of one stack with one request over so many connections.

    `seconds` is how long it lasted, `acknowledged` counts answers 2xx, `errors` all other ends of requests. `p50`,
    `p90`, `p99` and `longest` are milliseconds. By service: `cpu` in seconds, `memory` in bytes (resident) after the
    load. `stored` is how many more are stored than before, None where nobody counts that. `void` says why it does not
    count; it is empty for one that does.
    """

    round: int
    request: str
    connections: int
    stack: str
    seconds: float
    acknowledged: int
    errors: int
    p50: float
    p90: float
    p99: float
    longest: float
    cpu: Mapping[str, float]
    memory: Mapping[str, int]
    stored: int | None = None
    void: str = ""

    @property
    def key(self) -> Key:
        """What it is a measurement of."""
        return self.request, self.connections, self.stack

    @property
    def rate(self) -> float:
        """Acknowledged requests a second."""
        return self.acknowledged / self.seconds if self.seconds else 0.0

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "rate": round(self.rate, 1)}

    @classmethod
    def read(cls, event: Fields) -> Measurement:
        """Of a journal's event, or of a document."""
        stored = optional(event, "stored")
        return cls(
            round=int(number(event, "round")),
            request=text(event, "request"),
            connections=int(number(event, "connections")),
            stack=text(event, "stack"),
            seconds=number(event, "seconds"),
            acknowledged=int(number(event, "acknowledged")),
            errors=int(number(event, "errors")),
            **{name: number(event, name) for name in ("p50", "p90", "p99", "longest")},
            cpu={str(name): float(value) for name, value in members(event, "cpu").items()},
            memory={str(name): int(value) for name, value in members(event, "memory").items()},
            stored=None if stored is None else int(stored),
            void=text(event, "void"),
        )


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
    """A bench: `loop` is closed, or open at `rate` requests a second; `stacks` maps each one's name to what it is."""

    loop: str = "closed"
    rate: float | None = None
    rounds: int = 0
    seconds: float = 0.0
    stacks: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)
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
        plan = {name: getattr(self, name) for name in ("loop", "rate", "rounds", "seconds", "stacks", "machine")}
        return {
            **plan,
            "rows": [asdict(row) for row in self.rows],
            "measurements": [one.document() for one in self.measurements],
        }

    @classmethod
    def read(cls, event: Fields) -> Bench:
        """Of a journal's event, to which its measurements are still to come, or of a document."""
        return cls(
            loop=text(event, "loop"),
            rate=optional(event, "rate"),
            rounds=int(number(event, "rounds")),
            seconds=number(event, "seconds"),
            stacks=_texts(members(event, "stacks")),
            machine=_texts(members(event, "machine")),
            measurements=[Measurement.read(one) for one in items(event, "measurements")],
        )


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


def _texts(found: Fields) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.items()}
