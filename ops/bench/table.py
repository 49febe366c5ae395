"""The figures as one table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from ops.evidence.measurements import Bench, Key, Row

HEAD = ("conn", "stack", "req/s", "p50", "p90", "p99", "max ms", "errors", "CPU s/1000", "RSS MiB")
RATIOS = ("req/s now/then", "p99 now/then")
NOTHING = "–"
LEFT = 1
"""The columns up to this one are words."""


def table(bench: Bench, then: Bench | None = None) -> str:
    """A line for each request, connections and stack; with `then`, an earlier bench, the ratios to it.

    CPU and memory stand by service, in the order that the last line says.
    """
    before = {row.key: row for row in then.rows} if then else None
    found = bench.rows
    lines = [(*HEAD, *(RATIOS if then else ())), *(_cells(row, before) for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = [_line(line, widths) for line in lines]
    groups = groupby(zip(found, shown[1:], strict=True), key=lambda pair: pair[0].request)
    body = [line for request, pairs in groups for line in (request, *(f"  {shown_line}" for _, shown_line in pairs))]
    return "\n".join([f"  {shown[0]}", *body, *_notes(bench, found)])


def _cells(row: Row, before: Mapping[Key, Row] | None) -> tuple[str, ...]:
    times = [_number(value, 1) for value in (row.p50, row.p90, row.p99, row.longest)]
    cpu = " ".join(f"{seconds:4.2f}" for seconds in row.cpu.values())
    memory = " ".join(f"{size / 2**20:3.0f}" for size in row.memory.values())
    plain = (str(row.connections), row.stack, _number(row.rate, 0), *times, str(row.errors), cpu, memory)
    return plain if before is None else (*plain, *_ratios(row, before.get(row.key)))


def _ratios(now: Row, then: Row | None) -> tuple[str, str]:
    if then is None:
        return NOTHING, NOTHING
    return ratio(now.rate, then.rate), ratio(now.p99, then.p99)


def ratio(now: float | None, then: float | None) -> str:
    """`1.07×`; a dash where one of the two is not known."""
    return f"{now / then:.2f}×" if now is not None and then else NOTHING


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:,.{digits}f}"


def _line(cells: Sequence[str], widths: Iterable[int]) -> str:
    padded = [
        cell.ljust(width) if column == LEFT else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def _notes(bench: Bench, found: Sequence[Row]) -> Iterator[str]:
    if found:
        yield f"CPU seconds for 1,000 requests and memory: {', '.join(found[0].memory)}"
    for one in bench.void:
        where = f"{one.request}, {one.connections} connections, {one.stack}, round {one.round}"
        yield f"does not count: {where}: {one.void}"
