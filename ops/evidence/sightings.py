"""The requests that one service handled, as the lines of its log tell of them: whose line each is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Final

from ops.evidence.fields import optional, seconds, text
from ops.evidence.logs import LogLine
from ops.evidence.matching import Span

ROUNDING: Final = 2.0
"""Milliseconds by which a start that is reckoned from a line may be wrong."""

_GIVEN_UP: Final = frozenset({None, 502, 504})
"""What the gateway notes of an address that gave it no answer; a service may have given the last two itself."""


@dataclass
class SeenAttempt:
    """One attempt, from the caller's line; `hop` is the peer's own line of it, once that is found."""

    line: LogLine
    peer: str
    number: int
    status: int | None
    span: Span
    gave_up: bool
    is_timed: bool = True
    hop: SeenHop | None = None

    @property
    def question(self) -> tuple[str, str, int]:
        """What one request asks once only."""
        return self.peer, text(self.line, "path"), self.number


@dataclass
class SeenHop:
    """One request: its access line, if it has one, and the lines written meanwhile."""

    service: str
    replica: str | None
    access: LogLine | None
    span: Span
    attempts: list[SeenAttempt]
    others: list[LogLine] = field(default_factory=list)


def seen_hops(service: str, replica: str | None, log: list[LogLine]) -> Iterator[SeenHop]:
    """A hop for each access line, and one for the lines that none follows."""
    waiting: list[LogLine] = []
    for line, later in zip(log, _next_beginnings(log), strict=True):
        if not _is_access(line):
            waiting.append(line)
            continue
        own = _own(line, waiting, later)
        yield _hop(service, replica, line, own)
        taken = set(map(id, own))
        waiting = [each for each in waiting if id(each) not in taken]
    if waiting:
        yield _hop(service, replica, None, waiting)


def _is_access(line: LogLine) -> bool:
    return text(line, "event") == "request"


def _next_beginnings(log: list[LogLine]) -> list[float]:
    """For each line, when the earliest of the requests began whose access lines come after it."""
    earliest, found = inf, []
    for line in reversed(log):
        found.append(earliest)
        earliest = min(earliest, _begun(line)) if _is_access(line) else earliest
    return found[::-1]


def _begun(access: LogLine) -> float:
    return _span(access).start - ROUNDING


def _own(access: LogLine, waiting: list[LogLine], later: float) -> list[LogLine]:
    """Those of the waiting lines that are the request's, in their order; what only it can have made surely is.

    Of the calls that a request still under way can have made as well, those that came last and that one request can
    have made: one after the other, and the same question once.
    """
    covered = [line for line in waiting if _span(line).start >= _begun(access)]
    open_to_others = [line for line in covered if _is_call(line) and _span(line).start >= later]
    others = set(map(id, open_to_others))
    made = [_called(line) for line in covered if _is_call(line) and id(line) not in others]
    for call in map(_called, reversed(open_to_others)):
        if not any(_are_of_two(call, other) for other in made):
            made.append(call)
            others.discard(id(call.line))
    return [line for line in covered if id(line) not in others]


def _are_of_two(call: SeenAttempt, other: SeenAttempt) -> bool:
    """Whether no request can have made both."""
    overlap = min(call.span.end, other.span.end) - max(call.span.start, other.span.start)
    return call.question == other.question or overlap > ROUNDING


def _is_call(line: LogLine) -> bool:
    return text(line, "event") == "peer-call"


def _hop(service: str, replica: str | None, access: LogLine | None, lines: list[LogLine]) -> SeenHop:
    calls = [_called(line) for line in lines if _is_call(line)]
    others = [line for line in lines if not _is_call(line)]
    spans = [_span(line) for line in ([access] if access else lines)]
    whole = Span(min(span.start for span in spans), max(span.end for span in spans))
    return SeenHop(service, replica, access, whole, calls or list(_forwarded(access, whole)), others)


def _called(line: LogLine) -> SeenAttempt:
    number, status = int(optional(line, "attempt") or 1), status_of(line, "peerStatus")
    return SeenAttempt(line, text(line, "peer"), number, status, _span(line), gave_up=status is None)


def _forwarded(access: LogLine | None, whole: Span) -> Iterator[SeenAttempt]:
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
        status = int(known) if known.isdecimal() else None
        yield SeenAttempt(line, peer, number, status, span, status in _GIVEN_UP, is_last)


def _list(line: LogLine | None, name: str) -> list[str]:
    return [each.strip() for each in text(line or {}, name).replace(" : ", ", ").split(",") if each.strip()]


def status_of(line: LogLine, name: str) -> int | None:
    status = optional(line, name)
    return int(status) if status is not None else None


def _span(line: LogLine) -> Span:
    end = seconds(line) * 1000
    return Span(end - (optional(line, "durationMs") or 0), end)
