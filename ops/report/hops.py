"""One request's way through gateway and services, as rows that can be drawn one under the other."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ops.evidence.logs import LogLine
from ops.evidence.trace import Attempt, Hop
from ops.evidence.tracing import traced


def hops(request_id: str, lines: Iterable[LogLine], began: float) -> list[list[Any]]:
    """`[depth, service, what, attempt, status, start, ms, note]` for each row; a row without times has None for them.

    `start` is in milliseconds from `began` (seconds since 1970); `attempt` is 0 where nothing was asked a second time.
    """
    rows: list[list[Any]] = []
    for request in traced(request_id, lines).requests:
        shift = (datetime.fromisoformat(request.began).timestamp() - began) * 1000
        rows += _hop(request.hop, 0, shift)
    return rows


def _hop(hop: Hop, depth: int, shift: float) -> Iterator[list[Any]]:
    service = f"{hop.service} ({hop.replica})" if hop.replica else hop.service
    yield [depth, service, hop.asked or "", 0, hop.status, _moved(hop.start_ms, shift), hop.duration_ms, _remarks(hop)]
    yield from _inside(hop, depth + 1, shift)


def _inside(hop: Hop, depth: int, shift: float) -> Iterator[list[Any]]:
    for call in hop.calls:
        for attempt in call.attempts:
            number = attempt.number if len(call.attempts) > 1 else 0
            yield from _attempt(call.peer, attempt, number, depth, shift)


def _attempt(peer: str, attempt: Attempt, number: int, depth: int, shift: float) -> Iterator[list[Any]]:
    hop = attempt.hop
    start = attempt.start_ms if attempt.start_ms is not None or hop is None else hop.start_ms
    ms = attempt.duration_ms if attempt.duration_ms is not None or hop is None else hop.duration_ms
    what = (hop.asked if hop else None) or ""
    yield [depth, peer, what, number, attempt.status, _moved(start, shift), ms, _note(attempt)]
    if hop:
        yield from _inside(hop, depth + 1, shift)


def _note(attempt: Attempt) -> str:
    if attempt.hop:
        return _remarks(attempt.hop)
    missing = "never arrived" if attempt.surely_never_arrived else "no log line of its own"
    return ", ".join(filter(None, [attempt.error, missing]))


def _remarks(hop: Hop) -> str:
    """What the service says of it in other lines."""
    told = [" ".join(str(remark.fields.get(name, "")) for name in ("code", "detail")).strip() for remark in hop.remarks]
    return "; ".join(filter(None, dict.fromkeys(told)))


def _moved(start: float | None, shift: float) -> float | None:
    return None if start is None else round(start + shift, 2)
