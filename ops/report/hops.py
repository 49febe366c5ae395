"""One request's way through gateway and services, as rows that can be drawn one under the other."""

from collections.abc import Iterable, Iterator
from typing import Any

from ops.trace.logs import LogLine
from ops.trace.spans import Span, traced
from ops.trace.text import calls_of, fault_text


def hops(request_id: str, lines: Iterable[LogLine], began: float) -> list[list[Any]]:
    """`[depth, service, what, attempt, status, start, ms, note]` for each row; a row without times has None for them.

    `start` is in milliseconds from `began` (seconds since 1970); `attempt` is 0 where nothing was asked a second time.
    Lines without a span make no rows.
    """
    return [row for request in traced(request_id, lines).requests for row in _server(request, 0, began * 1000)]


def _server(span: Span, depth: int, began: float) -> Iterator[list[Any]]:
    service = f"{span.service} ({span.replica})" if span.replica else span.service
    start, took = _rounded(span.start - began), _rounded(span.duration or 0.0)
    yield [depth, service, span.asked or "", 0, span.status, start, took, _events(span)]
    yield from _inside(span, depth + 1, began)


def _inside(span: Span, depth: int, began: float) -> Iterator[list[Any]]:
    for call in calls_of(span):
        for attempt in call:
            yield _attempt(attempt, len(call) > 1, depth, began)
            if attempt.handled:
                yield from _inside(attempt.handled, depth + 1, began)
    for inner in span.spans:
        if inner.kind == "server":
            yield from _server(inner, depth, began)


def _attempt(attempt: Span, is_numbered: bool, depth: int, began: float) -> list[Any]:
    timed = attempt if attempt.duration is not None else attempt.handled
    start = _rounded(timed.start - began) if timed else None
    took = _rounded(timed.duration or 0.0) if timed else None
    number = attempt.attempt if is_numbered else 0
    peer = attempt.peer or attempt.address
    return [depth, peer, attempt.asked or "", number, attempt.status, start, took, _note(attempt)]


def _note(attempt: Span) -> str:
    faults = [f"fault: {fault_text(fault)}" for fault in attempt.faults]
    if attempt.handled:
        return "; ".join(filter(None, [*faults, _events(attempt.handled)]))
    missing = "never arrived" if attempt.surely_never_arrived else "no log line of its own"
    return ", ".join(filter(None, [attempt.error, *(faults or [missing])]))


def _events(span: Span) -> str:
    """What the service says of it in other lines."""
    said = [
        f"fault: {fault_text(event)}"
        if event.event == "fault"
        else " ".join(str(event.fields.get(name, "")) for name in ("code", "detail")).strip()
        for event in span.events
    ]
    return "; ".join(filter(None, dict.fromkeys(said)))


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 2)
