"""The figures of a bench as lines over the number of connections: the geometry that the page draws as SVG."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ops.journal.measurements import Bench, Row

WIDTH, HEIGHT = 320, 170
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 10, 24
Figure: TypeAlias = Callable[[Row], float | None]
COLOURS: Final = 4
"""How many lines the style tells apart."""


@dataclass(frozen=True)
class Point:
    """Where it is, and what it says."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Line:
    """One stack; `colour` from 0 to COLOURS - 1."""

    stack: str
    colour: int
    points: Sequence[Point]

    @property
    def path(self) -> str:
        """As SVG has it."""
        return " ".join(f"{'L' if place else 'M'}{point.x} {point.y}" for place, point in enumerate(self.points))


@dataclass(frozen=True)
class Plot:
    """`columns` and `levels` are what the axes say, and where."""

    request: str
    measure: str
    lines: Sequence[Line]
    columns: Sequence[tuple[float, str]]
    levels: Sequence[tuple[float, str]]

    @property
    def words(self) -> str:
        """The whole plot as text, for a screen reader."""
        said = (f"{line.stack}: {', '.join(point.words for point in line.points)}" for line in self.lines)
        return f"{self.request}, {self.measure} by connections. {'; '.join(said)}"


def plots(bench: Bench) -> list[tuple[Plot, Plot]]:
    """Throughput and p99 of each request."""
    rows = bench.rows
    requests = dict.fromkeys(row.request for row in rows)
    return [
        (
            _plot(bench, [row for row in rows if row.request == request], "requests/s", lambda row: row.rate),
            _plot(bench, [row for row in rows if row.request == request], "p99 in ms", lambda row: row.p99),
        )
        for request in requests
    ]


def colour(bench: Bench, stack: str) -> int:
    """The same in every plot."""
    return list(bench.plan.stacks).index(stack) % COLOURS if stack in bench.plan.stacks else 0


def _plot(bench: Bench, rows: Sequence[Row], measure: str, figure: Figure) -> Plot:
    counts = list(dict.fromkeys(row.connections for row in rows))
    top = _round_up(max((figure(row) or 0.0 for row in rows), default=0.0))
    columns = {count: _column(place, len(counts)) for place, count in enumerate(counts)}
    stacks = dict.fromkeys(row.stack for row in rows)
    lines = [
        Line(stack, colour(bench, stack), [*_points((row for row in rows if row.stack == stack), columns, top, figure)])
        for stack in stacks
    ]
    levels = [(_level(share), _short(top * share)) for share in (0.0, 0.5, 1.0)]
    return Plot(rows[0].request, measure, lines, [(x, str(count)) for count, x in columns.items()], levels)


def _points(rows: Iterable[Row], columns: Mapping[int, float], top: float, figure: Figure) -> Iterator[Point]:
    for row in rows:
        if (value := figure(row)) is not None:
            yield Point(columns[row.connections], _level(value / top), f"{_short(value)} at {row.connections}")


def _column(place: int, count: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / count, 1)


def _level(share: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20 …"""
    if value <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
