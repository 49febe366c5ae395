"""How long the answers took, as the log lines of gateway and services tell it and as the scenarios saw it."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ops.journal.events import Request
from ops.journal.record import Record
from ops.trace.logs import number, text

EDGES: Final = tuple(2.0**power for power in range(-1, 15))
"""Upper ends of a histogram's columns in milliseconds, from 0.5 ms to 16 s; what is longer goes into the last one."""
SHOWN: Final = 14
NUMBER: Final = "{id}"
_FILE: Final = re.compile(r"\.\w+$")


@dataclass(frozen=True)
class Spread:
    """The distribution of one kind of answers, in milliseconds; `columns` counts them between the `EDGES`."""

    name: str
    count: int
    p50: float
    p90: float
    p99: float
    longest: float
    columns: tuple[int, ...]


def by_service(record: Record) -> list[Spread]:
    """From the access lines of the run's own requests; in a run with faults of those that surely met none."""
    unharmed = (
        {request.request_id for request in _requests(record, faulty=False)} if record.faults else set(record.logs)
    )
    found: dict[str, list[float]] = defaultdict(list)
    for request_id, lines in record.logs.items():
        for line in lines if request_id in unharmed else ():
            if text(line, "event") == "request":
                found[text(line, "service")].append(number(line, "durationMs") or 0.0)
    return sorted((spread(name, times) for name, times in found.items()), key=lambda one: one.name)


def by_route(record: Record) -> list[Spread]:
    """As the scenarios saw it, through the gateway: the most asked routes of those without faults.

    Left out are bytes that no client sends: most of them ask for no route.
    """
    answered = [one for one in _requests(record, faulty=False) if one.status is not None and one.raw_target is None]
    asked = [(request, urlsplit(request.url).path) for request in answered]
    names = _routes({(request.method, path) for request, path in asked})
    found: dict[str, list[float]] = defaultdict(list)
    for request, path in asked:
        found[names[request.method, path]].append(request.ms)
    return sorted((spread(name, times) for name, times in found.items()), key=lambda one: -one.count)[:SHOWN]


def spread(name: str, times: Sequence[float]) -> Spread:
    """Percentiles by the nearest rank."""
    ordered = sorted(times)
    p50, p90, p99 = (ordered[max(math.ceil(share * len(ordered)), 1) - 1] for share in (0.5, 0.9, 0.99))
    columns = [0] * len(EDGES)
    for each in ordered:
        columns[next((place for place, edge in enumerate(EDGES) if each <= edge), len(EDGES) - 1)] += 1
    return Spread(name, len(ordered), p50, p90, p99, ordered[-1], tuple(columns))


def _requests(record: Record, *, faulty: bool) -> Iterable[Request]:
    for scenario in record.scenarios:
        for one in scenario.tries:
            if bool(one.faults) == faulty:
                yield from one.requests


def _routes(asked: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """A name for each method and path: a last segment that takes many values, none of them a file's, is an ID."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for method, path in asked:
        head, _, last = path.rpartition("/")
        if not _FILE.search(last):
            values[method, head].add(last)
    return {(method, path): _route(method, path, values) for method, path in asked}


def _route(method: str, path: str, values: dict[tuple[str, str], set[str]]) -> str:
    head, _, last = path.rpartition("/")
    many = head and not _FILE.search(last) and len(values[method, head]) > 3
    return f"{method} {head}/{NUMBER if many else last}"
