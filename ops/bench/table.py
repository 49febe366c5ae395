"""The figures as one table for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ops.journal.measurements import Bench, Key, Row

NOTHING = "–"


@dataclass(frozen=True)
class Column:
    """What it says of a row; numbers stand right, words left."""

    head: str
    cell: Callable[[Row], str]
    is_left: bool = False

    def lines(self, rows: Sequence[Row]) -> list[str]:
        """Its head and its cells, all of one width."""
        cells = [self.head, *map(self.cell, rows)]
        width = max(map(len, cells))
        return [cell.ljust(width) if self.is_left else cell.rjust(width) for cell in cells]


def table(bench: Bench, then: Bench | None = None) -> str:
    """A line for each request, connections and stack.

    With several stacks, each one's throughput is divided by the first one's; with `then`, an earlier bench, there are
    the ratios to it. CPU and memory stand by service, in the order that the line below says.
    """
    rows = bench.rows
    columns = [*FIGURES, *_beside(bench, rows), *([Now(then).rate, Now(then).p99] if then else [])]
    head, *lines = ["  ".join(cells).rstrip() for cells in zip(*(one.lines(rows) for one in columns), strict=True)]
    groups = groupby(zip(rows, lines, strict=True), key=lambda pair: pair[0].request)
    body = [line for request, pairs in groups for line in (request, *(f"  {shown}" for _, shown in pairs))]
    return "\n".join([f"  {head}", *body, *_notes(bench, rows)])


def text(bench: Bench, then: Bench | None = None) -> str:
    """The table with what has to be known to read it."""
    loop = f"open loop at {bench.plan.rate:g} requests/s" if bench.plan.rate else "closed loop"
    head = f"{loop}, milliseconds, medians of {bench.plan.rounds} × {bench.plan.seconds:g} s"
    return "\n".join([head, table(bench, then), *_warnings(bench, then)])


def _warnings(bench: Bench, then: Bench | None) -> Iterator[str]:
    if then:
        yield "now/then: comparable only if both runs had the same machine, idle, to themselves"
    load, cores = (bench.plan.machine.get(name, "") for name in ("load before", "cores"))
    if load and float(load) > int(cores) / 4:
        yield f"the machine was busy before (load average {load} on {cores} cores): compare stacks of this run alone"


class Now:
    """The ratios of now to then."""

    def __init__(self, then: Bench) -> None:
        self._rows = {row.key: row for row in then.rows}
        self.rate = Column("req/s now/then", lambda row: ratio(row.rate, self._then(row, "rate")))
        self.p99 = Column("p99 now/then", lambda row: ratio(row.p99, self._then(row, "p99")))

    def document(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """The same for programs: null where one of the two is not known."""
        return [
            {
                **dict(zip(("request", "connections", "stack"), row.key, strict=True)),
                "rate": _quotient(row.rate, self._then(row, "rate")),
                "p99": _quotient(row.p99, self._then(row, "p99")),
            }
            for row in rows
        ]

    def _then(self, row: Row, figure: str) -> float | None:
        before = self._rows.get(row.key)
        return getattr(before, figure) if before else None


def ratio(figure: float | None, other: float | None) -> str:
    """`1.07×`; a dash where one of the two is not known."""
    found = _quotient(figure, other)
    return NOTHING if found is None else f"{found:.2f}×"


def _quotient(figure: float | None, other: float | None) -> float | None:
    return round(figure / other, 3) if figure is not None and other else None


def _beside(bench: Bench, rows: Sequence[Row]) -> list[Column]:
    """How much each does of what the first does."""
    first, *others = bench.plan.stacks
    if not others:
        return []
    rates: dict[Key, float | None] = {row.key: row.rate for row in rows}
    return [Column(f"req/s / {first}", lambda row: ratio(row.rate, rates.get((row.request, row.connections, first))))]


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:,.{digits}f}"


def _each(figures: Mapping[str, float], form: str) -> str:
    """One for each service."""
    return "".join(map(form.format, figures.values()))


FIGURES = (
    Column("conn", lambda row: str(row.connections)),
    Column("stack", lambda row: row.stack, is_left=True),
    Column("req/s", lambda row: _number(row.rate, 0)),
    Column("p50", lambda row: _number(row.p50, 1)),
    Column("p90", lambda row: _number(row.p90, 1)),
    Column("p99", lambda row: _number(row.p99, 1)),
    Column("max ms", lambda row: _number(row.longest, 1)),
    Column("errors", lambda row: str(row.errors)),
    Column("CPU s/1000", lambda row: _each(row.cpu, "{:6.2f}") if row.rate is not None else NOTHING),
    Column("RSS MiB", lambda row: _each({name: size / 2**20 for name, size in row.memory.items()}, "{:5.0f}")),
)


def _notes(bench: Bench, rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield f"CPU seconds for 1,000 requests, and memory: {', '.join(rows[0].memory)}"
    for one in bench.void:
        where = f"{one.request}, {one.connections} connections, {one.stack}, round {one.round}"
        yield f"does not count: {where}: {one.void}"
