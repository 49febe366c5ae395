"""Log lines of one request ID become spans, tied by `traceId`, `spanId` and `parentSpanId` (W3C Trace Context).

An access line (`request`) is a server span, a `peer-call` line a client span; any other line is an event of the span
that it names. The fault proxy's line names the span whose request it met. What nginx says of its upstreams has no IDs:
each is a client span, and a server span whose parent is the gateway's goes to the one with its status.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Any, Final, Literal

from ops.trace.logs import LogLine, number, seconds, text

_NEVER_CONNECTED: Final = frozenset({"not-connected", "not-connected-in-time", "name-not-found"})
_MAY_HAVE_ARRIVED: Final = frozenset({None, 502, 504})
"""What a caller notes of a peer that may be still at work: no answer, or nginx's own words for none."""

_OWN: Final = frozenset(
    {"ts", "level", "event", "service", "requestId", "replica", "traceId", "spanId", "parentSpanId"}
)


@dataclass(frozen=True)
class Event:
    """Another line of a span: a problem, an error, a fault; `at` is in milliseconds since 1970."""

    at: float
    level: str
    event: str
    fields: Mapping[str, object]


@dataclass(frozen=True)
class Span:
    """One step of a request: `service` handled it (server) or asked `peer` (client); times in ms since 1970.

    `status`: None where no answer came (client) or the access line is missing (server). nginx's upstreams have no IDs,
    and all but the last no times. `skew`: by how much the clock of its service was ahead of the request's.
    """

    kind: Literal["server", "client"]
    service: str
    trace_id: str
    span_id: str | None
    parent_span_id: str | None
    start: float
    duration: float | None
    replica: str | None = None
    method: str | None = None
    path: str | None = None
    status: int | None = None
    peer: str = ""
    attempt: int = 1
    error: str | None = None
    address: str | None = None
    skew: float = 0.0
    events: tuple[Event, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def end(self) -> float:
        """When it ended."""
        return self.start + (self.duration or 0.0)

    @property
    def asked(self) -> str | None:
        """`GET /path`; of a client span whose line does not say so, what the peer was asked."""
        own = f"{self.method} {self.path}" if self.method else None
        return own or next((span.asked for span in self.spans if self.kind == "client"), None)

    @property
    def faults(self) -> list[Event]:
        """What the fault proxy did to it."""
        return [event for event in self.events if event.event == "fault"]

    @property
    def handled(self) -> Span | None:
        """Of a client span, the peer's own."""
        return self.spans[0] if self.kind == "client" and self.spans else None

    @property
    def gave_up(self) -> bool:
        """Whether a client span got no answer of the peer's own, so that the peer may begin, or end, after it."""
        return self.status in _MAY_HAVE_ARRIVED

    @property
    def may_be_outlived(self) -> bool:
        """Whether what it led to may end after it."""
        return self.kind == "client" and (self.gave_up or self.duration is None)

    @property
    def surely_never_arrived(self) -> bool:
        """Whether a missing line of the peer can only mean that."""
        return self.error in _NEVER_CONNECTED or not self.gave_up

    @property
    def is_complete(self) -> bool:
        """Whether no line is missing, here and below."""
        if self.kind == "server":
            is_known = self.status is not None
        else:
            is_known = bool(self.spans or self.faults) or self.error in _NEVER_CONNECTED
        return is_known and all(span.is_complete for span in self.spans)

    def walk(self) -> Iterator[Span]:
        """Itself and all below."""
        yield self
        for span in self.spans:
            yield from span.walk()

    def document(self, began: float) -> dict[str, Any]:
        """The span as `trace --json` shows it; times are milliseconds from `began`."""
        return {
            "kind": self.kind,
            "service": self.service,
            "replica": self.replica,
            "peer": self.peer or None,
            "spanId": self.span_id,
            "parentSpanId": self.parent_span_id,
            "method": self.method,
            "path": self.path,
            "attempt": self.attempt if self.kind == "client" else None,
            "status": self.status,
            "error": self.error,
            "address": self.address,
            "startMs": round(self.start - began, 2),
            "durationMs": None if self.duration is None else round(self.duration, 2),
            "skewMs": round(self.skew, 2),
            "lines": [
                {"atMs": round(each.at - began, 2), "level": each.level, "event": each.event, **each.fields}
                for each in self.events
            ],
            "spans": [span.document(began) for span in self.spans],
        }


@dataclass(frozen=True)
class Trace:
    """Every request of one ID, oldest first (a client may use its ID again), and the lines that are in no span.

    `undated` counts those that are left out because their time cannot be read.
    """

    request_id: str
    requests: tuple[Span, ...]
    loose: tuple[LogLine, ...] = ()
    undated: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether no line is missing, as far as spans tell."""
        return all(request.is_complete for request in self.requests)

    def document(self) -> dict[str, Any]:
        """The object that `trace --json` prints."""
        requests = [
            {"began": moment(request.start), "traceId": request.trace_id, **request.document(request.start)}
            for request in self.requests
        ]
        return {
            "requestId": self.request_id,
            "requests": requests,
            "linesWithoutSpan": list(self.loose),
            "linesWithoutTime": self.undated,
        }


def traced(request_id: str, lines: Iterable[LogLine]) -> Trace:
    """The requests of that ID."""
    by_span: dict[str, list[LogLine]] = defaultdict(list)
    loose: list[LogLine] = []
    found = list(lines)
    dated = sorted(filter(seconds, found), key=seconds)
    for line in dated:
        span_id = text(line, "spanId") or text(line, "parentSpanId")
        (by_span[span_id] if span_id else loose).append(line)
    return Trace(request_id, tuple(_Builder(by_span).requests()), tuple(loose), len(found) - len(dated))


def moment(milliseconds: float) -> str:
    """RFC 3339 in UTC."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    return at.replace("+00:00", "Z")


class _Builder:
    """Of the lines of each span ID. A service that was killed has no access line: its calls name its span."""

    def __init__(self, by_span: Mapping[str, list[LogLine]]) -> None:
        self._own = {span_id: next(filter(_is_own, lines), None) for span_id, lines in by_span.items()}
        self._events = {
            span_id: [line for line in lines if line is not self._own[span_id]] for span_id, lines in by_span.items()
        }
        self._children: dict[str, list[str]] = defaultdict(list)
        for span_id, lines in by_span.items():
            parent = text(self._own[span_id] or lines[0], "parentSpanId")
            self._children["" if parent == span_id else parent].append(span_id)
        for caller in [each for each in self._children if each and each not in self._own]:
            if any(_is_call(self._own[child]) for child in self._children[caller]):
                self._own[caller], self._events[caller] = None, []
                self._children[""].append(caller)

    def requests(self) -> Iterator[Span]:
        """Oldest first. What has lost its caller goes to the gateway's span of its trace, if there is just one."""
        lost = [child for caller, found in self._children.items() if caller not in self._own for child in found]
        by_trace: dict[str, list[str]] = defaultdict(list)
        for span_id in lost:
            by_trace[text(self._any_line(span_id), "traceId")].append(span_id)
        roots: list[str] = []
        for found in by_trace.values():
            gateways = [span_id for span_id in found if _is_gateway(self._own[span_id])]
            roots += gateways if len(gateways) == 1 else found
            if len(gateways) == 1:
                self._children[gateways[0]] += [span_id for span_id in found if span_id != gateways[0]]
        yield from sorted((self._span(span_id, self._bare(span_id)) for span_id in roots), key=lambda span: span.start)

    def _span(self, span_id: str, span: Span) -> Span:
        """The span, which is bare, with all below it."""
        inner = sorted(self._inner(span_id, span), key=lambda each: (each.start, each.attempt))
        events = tuple(self._event(line, span) for line in self._events[span_id])
        return replace(span, events=events, spans=tuple(inner))

    def _inner(self, span_id: str, span: Span) -> Iterator[Span]:
        left = [self._bare(child) for child in self._children[span_id]]
        for upstream, child in _dealt(_upstreams(self._own[span_id], span), left):
            if child and child.span_id:
                left.remove(child)
                peers = self._span(child.span_id, _within(upstream, child))
                yield replace(upstream, peer=peers.service, spans=(peers,))
            else:
                yield upstream
        yield from (self._span(child.span_id, _within(span, child)) for child in left if child.span_id)

    def _bare(self, span_id: str) -> Span:
        """The span by itself, in the time of its own clock."""
        own, any_line = self._own[span_id] or {}, self._any_line(span_id)
        start, end = self._times(span_id)
        is_call = _is_call(own)
        return Span(
            kind="client" if is_call else "server",
            service=text(any_line, "service"),
            trace_id=text(any_line, "traceId"),
            span_id=span_id,
            parent_span_id=text(own, "parentSpanId") or None,
            start=start,
            duration=end - start,
            replica=text(any_line, "replica") or None,
            method=text(own, "method") or None,
            path=text(own, "path") or None,
            status=_whole(own, "peerStatus" if is_call else "status"),
            peer=text(own, "peer"),
            attempt=_whole(own, "attempt") or 1,
            error=text(own, "error") or None,
        )

    def _times(self, span_id: str) -> tuple[float, float]:
        if own := self._own[span_id]:
            end = seconds(own) * 1000
            return end - (number(own, "durationMs") or 0), end
        events = [seconds(line) * 1000 for line in self._events[span_id]]
        calls = [self._times(child) for child in self._children[span_id]]
        return min([*events, *(start for start, _ in calls)]), max([*events, *(end for _, end in calls)])

    def _any_line(self, span_id: str) -> LogLine:
        """Its own line, or one that says at least which service and trace it is of."""
        events = self._events[span_id]
        return self._own[span_id] or (events[0] if events else self._any_line(self._children[span_id][0]))

    def _event(self, line: LogLine, span: Span) -> Event:
        rest = {name: value for name, value in line.items() if name not in _OWN}
        return Event(seconds(line) * 1000 - span.skew, text(line, "level"), text(line, "event"), rest)


def _is_own(line: LogLine) -> bool:
    return text(line, "event") in ("request", "peer-call")


def _is_call(own: LogLine | None) -> bool:
    return own is not None and text(own, "event") == "peer-call"


def _is_gateway(own: LogLine | None) -> bool:
    return own is not None and "upstreamAddr" in own


def _within(outer: Span, span: Span) -> Span:
    """The span moved by as little as lets it lie within its caller's; a peer whose caller gave up may be later."""
    by = 0.0 if span.kind == "server" else -outer.skew
    start, end = span.start + by, span.end + by
    if start < outer.start:
        by += outer.start - start
    elif end > outer.end and not outer.may_be_outlived:
        by -= min(end - outer.end, start - outer.start)
    return replace(span, start=span.start + by, skew=-by)


def _upstreams(own: LogLine | None, gateway: Span) -> list[Span]:
    """Each address that nginx tried, `a, b` with `502, 201`; of the last one it tells the time."""
    statuses = _listed(own, "upstreamStatus")
    took = number(own or {}, "upstreamMs")
    tried = [
        replace(
            gateway,
            kind="client",
            span_id=None,
            parent_span_id=gateway.span_id,
            duration=None,
            attempt=at,
            address=address,
            status=int(status) if status.isdecimal() else None,
        )
        for at, (address, status) in enumerate(
            zip(_listed(own, "upstreamAddr"), chain(statuses, repeat("")), strict=False), 1
        )
    ]
    if tried and took is not None:
        tried[-1] = replace(tried[-1], start=max(gateway.start, gateway.end - took), duration=took)
    return tried


def _listed(line: LogLine | None, name: str) -> list[str]:
    return [each.strip() for each in text(line or {}, name).replace(" : ", ", ").split(",") if each.strip()]


def _dealt(upstreams: list[Span], children: list[Span]) -> list[tuple[Span, Span | None]]:
    """Each upstream with the server span that it led to: one with its status, else the last there is.

    nginx names one parent to all of them; a service that was killed has no line that names any.
    """
    led: dict[int, Span] = {}
    for any_status in (False, True):
        for at, upstream in reversed(list(enumerate(upstreams))):
            left = [each for each in children if each.parent_span_id in (None, upstream.parent_span_id)]
            fit = [each for each in left if each not in led.values() and (any_status or each.status == upstream.status)]
            if at not in led and fit:
                led[at] = max(fit, key=lambda each: each.start)
    return [(upstream, led.get(at)) for at, upstream in enumerate(upstreams)]


def _whole(line: LogLine, name: str) -> int | None:
    value = number(line, name)
    return None if value is None else int(value)
