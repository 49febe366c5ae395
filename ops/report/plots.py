"""The figures of a bench as lines over connections and rounds: the geometry that the page draws as SVG."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ops.journal.events import Measurement
from ops.journal.measurements import Bench, Row

WIDTH, HEIGHT = 320, 170
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 10, 24
Figure: TypeAlias = Callable[[Row], float | None]
COLOURS: Final = 4
"""How many lines the style tells apart."""
MANY_ROUNDS: Final = 10
"""From so many on, time is shown."""
MOST_COLUMNS: Final = 10


@dataclass(frozen=True)
class Point:
    """Where it is, and what it says."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Series:
    """The figures of a stack or a service; of what does not count there is none. `colour` from 0 to COLOURS - 1."""

    name: str
    colour: int
    values: Mapping[int, float | None]


@dataclass(frozen=True)
class Line:
    """One series as it is drawn."""

    name: str
    colour: int
    points: Sequence[Point]

    @property
    def path(self) -> str:
        """As SVG has it."""
        return " ".join(f"{'L' if place else 'M'}{point.x} {point.y}" for place, point in enumerate(self.points))


@dataclass(frozen=True)
class Plot:
    """`columns` and `levels` are what the axes say, and where; without `is_of_services` its lines are stacks."""

    request: str
    measure: str
    lines: Sequence[Line]
    columns: Sequence[tuple[float, str]]
    levels: Sequence[tuple[float, str]]
    is_of_services: bool = False

    @property
    def words(self) -> str:
        """The whole plot as text, for a screen reader."""
        said = (f"{line.name}: {', '.join(point.words for point in line.points)}" for line in self.lines)
        return f"{self.request}, {self.measure}. {'; '.join(said)}"


def plots(bench: Bench) -> list[Sequence[Plot]]:
    """Throughput and p99 of each request; over many rounds also what became of it with time."""
    requests = dict.fromkeys(row.request for row in bench.rows)
    over_time = bench.plan.rounds >= MANY_ROUNDS
    return [
        (*_by_connections(bench, request), *(_by_round(bench, request) if over_time else ())) for request in requests
    ]


def colour(bench: Bench, stack: str) -> int:
    """The same in every plot."""
    return list(bench.plan.stacks).index(stack) % COLOURS if stack in bench.plan.stacks else 0


def _by_connections(bench: Bench, request: str) -> Iterator[Plot]:
    rows = [row for row in bench.rows if row.request == request]
    counts = list(dict.fromkeys(row.connections for row in rows))
    stacks = dict.fromkeys(row.stack for row in rows)
    figures: dict[str, Figure] = {"requests/s": lambda row: row.rate, "p99 in ms": lambda row: row.p99}
    for measure, figure in figures.items():
        series = [
            Series(stack, colour(bench, stack), {row.connections: figure(row) for row in rows if row.stack == stack})
            for stack in stacks
        ]
        yield _plot(request, f"{measure} by connections", counts, series)


def _by_round(bench: Bench, request: str) -> Iterator[Plot]:
    """Of the first stack, over the most connections; what its services hold is divided by that of the first round."""
    stack, connections = next(iter(bench.plan.stacks)), max(one.connections for one in bench.measurements)
    these = [one for one in bench.measurements if one.key == (request, connections, stack) and not one.void]
    if not these:
        return
    rounds, first = [one.round for one in these], these[0]
    yield _plot(request, "p99 in ms by round", rounds, [Series(stack, 0, {one.round: one.p99 for one in these})])
    held: dict[str, Callable[[Measurement], Mapping[str, int]]] = {
        "memory": lambda one: one.memory,
        "file descriptors": lambda one: one.descriptors,
    }
    for what, of in held.items():
        series = [
            Series(service, place % COLOURS, {one.round: of(one)[service] / amount for one in these})
            for place, (service, amount) in enumerate(of(first).items())
            if amount
        ]
        yield _plot(request, f"{what} by round, first round = 1", rounds, series, is_of_services=True)


def _plot(
    request: str, measure: str, columns: Sequence[int], series: Sequence[Series], *, is_of_services: bool = False
) -> Plot:
    top = _round_up(max((value or 0.0 for one in series for value in one.values.values()), default=0.0))
    places = {column: _column(place, len(columns)) for place, column in enumerate(columns)}
    lines = [Line(one.name, one.colour, [*_points(one.values, places, top)]) for one in series]
    levels = [(_level(share), _short(top * share)) for share in (0.0, 0.5, 1.0)]
    shown = columns[:: math.ceil(len(columns) / MOST_COLUMNS)]
    return Plot(request, measure, lines, [(places[one], str(one)) for one in shown], levels, is_of_services)


def _points(values: Mapping[int, float | None], places: Mapping[int, float], top: float) -> Iterator[Point]:
    for column, value in values.items():
        if value is not None:
            yield Point(places[column], _level(value / top), f"{_short(value)} at {column}")


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
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2f}".rstrip("0").rstrip(".")
