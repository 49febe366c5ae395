"""Log lines of one request ID become a trace: whose line it is, who asked whom, and what has no line.

A service writes its access line when it is done, after the lines of what it did meanwhile; an access line and one of a
call carry their end (`ts`) and their length. Nothing else ties them together: a call belongs to the next access line
that covers it, and the peer's access line to the attempt that covers that one. Clocks may differ by `SKEW`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from ops.evidence.fields import optional, seconds, text
from ops.evidence.logs import LogLine
from ops.evidence.matching import Span, fitting, pairs
from ops.evidence.trace import Attempt, Call, Hop, Remark, Request, Trace

ROUNDING: Final = 2.0
"""Milliseconds by which a start that is reckoned from a line may be wrong."""

_OWN: Final = frozenset({"ts", "level", "event", "service", "requestId", "replica"})


@dataclass
class _Attempt:
    line: LogLine
    peer: str
    number: int
    status: int | None
    span: Span
    is_timed: bool = True
    hop: _Hop | None = None


@dataclass
class _Hop:
    service: str
    replica: str | None
    access: LogLine | None
    span: Span
    attempts: list[_Attempt]
    others: list[LogLine] = field(default_factory=list)


def traced(request_id: str, lines: Iterable[LogLine]) -> Trace:
    """The requests of that ID. The lines of each service (and `replica`) must come in the order of their log."""
    logs: dict[tuple[str, str | None], list[LogLine]] = defaultdict(list)
    for line in lines:
        if seconds(line):
            logs[text(line, "service"), text(line, "replica") or None].append(line)
    hops = [hop for (service, replica), log in logs.items() for hop in _hops(service, replica, log)]
    _tie(hops)
    inner = {id(attempt.hop) for hop in hops for attempt in hop.attempts}
    roots = sorted((hop for hop in hops if id(hop) not in inner), key=lambda hop: hop.span.start)
    return Trace(request_id, tuple(_request(hop) for hop in roots))


def _hops(service: str, replica: str | None, log: list[LogLine]) -> Iterator[_Hop]:
    """A hop for each access line, and one for the lines that none follows."""
    waiting: list[LogLine] = []
    for line in log:
        if text(line, "event") != "request":
            waiting.append(line)
            continue
        begun = _span(line).start - ROUNDING
        yield _hop(service, replica, line, [each for each in waiting if _span(each).start >= begun])
        waiting = [each for each in waiting if _span(each).start < begun]
    if waiting:
        yield _hop(service, replica, None, waiting)


def _hop(service: str, replica: str | None, access: LogLine | None, lines: list[LogLine]) -> _Hop:
    calls = [_called(line) for line in lines if text(line, "event") == "peer-call"]
    others = [line for line in lines if text(line, "event") != "peer-call"]
    spans = [_span(line) for line in ([access] if access else lines)]
    whole = Span(min(span.start for span in spans), max(span.end for span in spans))
    return _Hop(service, replica, access, whole, calls or list(_forwarded(access, whole)), others)


def _called(line: LogLine) -> _Attempt:
    number = int(optional(line, "attempt") or 1)
    return _Attempt(line, text(line, "peer"), number, _status(line, "peerStatus"), _span(line))


def _forwarded(access: LogLine | None, whole: Span) -> Iterator[_Attempt]:
    """What the gateway tells of the addresses that it tried, `a, b` with `502, 201`: of the last one also the time."""
    addresses = _list(access, "upstreamAddr")
    statuses = _list(access, "upstreamStatus")
    peer = text(access or {}, "path").lstrip("/").split("/")[0]
    for number, address in enumerate(addresses, 1):
        is_last = number == len(addresses)
        known = statuses[number - 1] if number <= len(statuses) else ""
        took = optional(access or {}, "upstreamMs") if is_last else None
        span = Span(max(whole.start, whole.end - took), whole.end) if took is not None else whole
        line: LogLine = {"address": address, "method": text(access or {}, "method"), "path": text(access or {}, "path")}
        yield _Attempt(line, peer, number, int(known) if known.isdecimal() else None, span, is_last)


def _list(line: LogLine | None, name: str) -> list[str]:
    return [each.strip() for each in text(line or {}, name).replace(" : ", ", ").split(",") if each.strip()]


def _tie(hops: list[_Hop]) -> None:
    """Give each attempt the hop that it led to."""
    asked: dict[str, list[_Attempt]] = defaultdict(list)
    led: dict[str, list[_Hop]] = defaultdict(list)
    for hop in hops:
        led[hop.service].append(hop)
        for attempt in hop.attempts:
            asked[attempt.peer].append(attempt)
    for peer, attempts in asked.items():
        for attempt, hop in pairs(attempts, led[peer], _differences):
            attempt.hop = hop


def _differences(attempt: _Attempt, hop: _Hop) -> int:
    """In how much the two lines tell different things."""
    access = hop.access or {}
    known = [name for name in ("method", "path") if name in attempt.line]
    return (attempt.status != _status(access, "status")) + sum(attempt.line[name] != access.get(name) for name in known)


def _request(root: _Hop) -> Request:
    began = datetime.fromtimestamp(root.span.start / 1000, UTC).isoformat(timespec="milliseconds")
    return Request(began.replace("+00:00", "Z"), _written(root, -root.span.start))


def _written(hop: _Hop, shift: float) -> Hop:
    """The hop with its times moved by `shift`, and what it led to moved with it."""
    access = hop.access or {}
    span = hop.span.moved(shift)
    return Hop(
        hop.service,
        hop.replica,
        text(access, "method") or None,
        text(access, "path") or None,
        _status(access, "status"),
        _rounded(span.start),
        _rounded(span.end - span.start),
        tuple(_call(attempts, span, shift) for attempts in _calls(hop.attempts)),
        tuple(_remark(line, shift) for line in hop.others),
    )


def _calls(attempts: list[_Attempt]) -> list[list[_Attempt]]:
    """A retry goes with the attempt before it."""
    calls: list[list[_Attempt]] = []
    for attempt in sorted(attempts, key=lambda each: (each.span.start, each.number)):
        before = next((call for call in reversed(calls) if call[-1].peer == attempt.peer), None)
        if before and attempt.number == before[-1].number + 1:
            before.append(attempt)
        else:
            calls.append([attempt])
    return calls


def _call(attempts: list[_Attempt], caller: Span, shift: float) -> Call:
    return Call(attempts[0].peer, tuple(_attempt(each, caller, shift) for each in attempts))


def _attempt(attempt: _Attempt, caller: Span, shift: float) -> Attempt:
    span = attempt.span.moved(shift)
    span = span.moved(fitting(span, caller))
    line = attempt.line
    return Attempt(
        attempt.number,
        attempt.status,
        _rounded(span.start) if attempt.is_timed else None,
        _rounded(span.end - span.start) if attempt.is_timed else None,
        text(line, "error") or None,
        text(line, "address") or None,
        " ".join(filter(None, (text(line, "method"), text(line, "path")))) or None,
        _written(attempt.hop, shift + fitting(attempt.hop.span.moved(shift), span)) if attempt.hop else None,
    )


def _remark(line: LogLine, shift: float) -> Remark:
    rest = {name: value for name, value in line.items() if name not in _OWN}
    return Remark(_rounded(seconds(line) * 1000 + shift), text(line, "level"), text(line, "event"), rest)


def _span(line: LogLine) -> Span:
    end = seconds(line) * 1000
    return Span(end - (optional(line, "durationMs") or 0), end)


def _status(line: LogLine, name: str) -> int | None:
    status = optional(line, name)
    return int(status) if status is not None else None


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 2) + 0.0
