"""Log lines of one request ID become a trace: whose line it is, who asked whom, and what has no line.

A service writes its access line when it is done, after the lines of what it did meanwhile; an access line and one of a
call carry their end (`ts`) and their length. Nothing else ties them together: a call belongs to the next access line
that covers it, and the peer's access line to the attempt that covers that one. Clocks may differ by `SKEW`. Of two
requests at the same time each gets calls that it can have made; those that could be either's may be exchanged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from ops.evidence.fields import seconds, text
from ops.evidence.logs import LogLine
from ops.evidence.matching import Span, fitting, pairs
from ops.evidence.sightings import SeenAttempt, SeenHop, seen_hops, status_of
from ops.evidence.trace import Attempt, Call, Hop, Remark, Request, Trace

_OWN: Final = frozenset({"ts", "level", "event", "service", "requestId", "replica"})


def traced(request_id: str, lines: Iterable[LogLine]) -> Trace:
    """The requests of that ID. The lines of each service (and `replica`) must come in the order of their log."""
    logs: dict[tuple[str, str | None], list[LogLine]] = defaultdict(list)
    for line in lines:
        if seconds(line):
            logs[text(line, "service"), text(line, "replica") or None].append(line)
    hops = [hop for (service, replica), log in logs.items() for hop in seen_hops(service, replica, log)]
    _tie(hops)
    inner = {id(attempt.hop) for hop in hops for attempt in hop.attempts}
    roots = sorted((hop for hop in hops if id(hop) not in inner), key=lambda hop: hop.span.start)
    return Trace(request_id, tuple(_request(hop) for hop in roots))


def _tie(hops: list[SeenHop]) -> None:
    """Give each attempt the hop that it led to."""
    asked: dict[str, list[SeenAttempt]] = defaultdict(list)
    led: dict[str, list[SeenHop]] = defaultdict(list)
    for hop in hops:
        led[hop.service].append(hop)
        for attempt in hop.attempts:
            asked[attempt.peer].append(attempt)
    for peer, attempts in asked.items():
        for attempt, hop in pairs(attempts, led[peer], _differences):
            attempt.hop = hop


def _differences(attempt: SeenAttempt, hop: SeenHop) -> int:
    """In how much the two lines tell different things."""
    access = hop.access or {}
    told = [attempt.line[name] != access.get(name) for name in ("method", "path") if name in attempt.line]
    return (attempt.status != status_of(access, "status")) + sum(told)


def _request(root: SeenHop) -> Request:
    began = datetime.fromtimestamp(root.span.start / 1000, UTC).isoformat(timespec="milliseconds")
    return Request(began.replace("+00:00", "Z"), _written(root, -root.span.start))


def _written(hop: SeenHop, shift: float) -> Hop:
    """The hop with its times moved by `shift`, and what it led to moved with it."""
    access = hop.access or {}
    span = hop.span.moved(shift)
    return Hop(
        hop.service,
        hop.replica,
        text(access, "method") or None,
        text(access, "path") or None,
        status_of(access, "status"),
        _rounded(span.start),
        _rounded(span.end - span.start),
        tuple(_call(attempts, span, shift) for attempts in _calls(hop.attempts)),
        tuple(_remark(line, shift) for line in hop.others),
    )


def _calls(attempts: list[SeenAttempt]) -> list[list[SeenAttempt]]:
    """A retry goes with the attempt before it."""
    calls: list[list[SeenAttempt]] = []
    for attempt in sorted(attempts, key=lambda each: (each.span.start, each.number)):
        before = next((call for call in reversed(calls) if call[-1].peer == attempt.peer), None)
        if before and attempt.number == before[-1].number + 1:
            before.append(attempt)
        else:
            calls.append([attempt])
    return calls


def _call(attempts: list[SeenAttempt], caller: Span, shift: float) -> Call:
    return Call(attempts[0].peer, tuple(_attempt(each, caller, shift) for each in attempts))


def _attempt(attempt: SeenAttempt, caller: Span, shift: float) -> Attempt:
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


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 2) + 0.0
