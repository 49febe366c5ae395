"""A trace as a tree of plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ops.trace.logs import LogLine
from ops.trace.spans import Event, Span, Trace, moment

_HEAD: Final = ("ts", "service", "level", "event", "requestId")
_IDS: Final = ("traceId", "spanId", "parentSpanId", "replica")
_LONGEST_EVENT: Final = 300
_CLOCKS: Final = 10.0
"""Milliseconds by which clocks may differ before it is worth a word."""


@dataclass(frozen=True)
class _Twig:
    text: str
    twigs: tuple[_Twig, ...] = ()


def tree(trace: Trace, width: int | None = None) -> str:
    """Request after request; lines are broken at `width` columns, not at all where that is None."""
    parts = ["\n".join(_request(trace.request_id, request, width)) for request in trace.requests]
    return "\n\n".join([*parts, *_loose(trace, width), *_undated(trace)])


def line_text(line: LogLine) -> str:
    """A log line as `logs` shows it; its trace and spans are for machines."""
    part = str(line.get("replica") or "").removesuffix(".1") or line.get("service")
    head = "  ".join(str(value) for key in _HEAD if (value := part if key == "service" else line.get(key)))
    rest = [f"{key}={value}" for key, value in line.items() if key not in (*_HEAD, *_IDS) and value is not None]
    return f"{head}  {' '.join(rest)}".rstrip()


def fault_text(fault: Event) -> str:
    """`status code=503 on CALLER:PEER`."""
    settings = [f"{name}={value}" for name, value in fault.fields.items() if name not in ("link", "kind")]
    return " ".join([str(fault.fields.get("kind", "")), *settings, "on", str(fault.fields.get("link", ""))])


def _loose(trace: Trace, width: int | None) -> Iterator[str]:
    if trace.loose:
        which = "these lines have no traceId" if trace.requests else "no line has a traceId"
        lines = [_broken(line_text(line), "", "  ", width) for line in trace.loose]
        yield "\n".join(
            [f"{which}: by their times, as who asked whom is unknown", *(part for one in lines for part in one)]
        )


def _undated(trace: Trace) -> Iterator[str]:
    if trace.undated:
        lines = "1 line is left out: it has" if trace.undated == 1 else f"{trace.undated} lines are left out: they have"
        yield f"{lines} no time in RFC 3339"


def _request(request_id: str, request: Span, width: int | None) -> Iterator[str]:
    end = f"{request.status} in {request.duration:.1f} ms" if request.status else "has not ended"
    yield from _broken(
        f"{request_id}  {request.asked or request.service} {end}, {moment(request.start)}", "", "  ", width
    )
    if not any(span.address for span in request.spans) and request.parent_span_id:
        yield "no log line of the caller: the request did not come through the gateway, or has not ended"
    yield from _drawn(_Drawing(request.start).server(request), "", "", width)


def _drawn(twig: _Twig, first: str, rest: str, width: int | None) -> Iterator[str]:
    yield from _broken(twig.text, first, rest + ("│  " if twig.twigs else "   "), width)
    for below in twig.twigs:
        is_last = below is twig.twigs[-1]
        yield from _drawn(below, rest + ("└─ " if is_last else "├─ "), rest + ("   " if is_last else "│  "), width)


def _broken(text: str, first: str, rest: str, width: int | None) -> list[str]:
    if width is None:
        return [first + text]
    wide = max(width, len(rest) + 20)
    return textwrap.wrap(text, wide, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


@dataclass(frozen=True)
class _Drawing:
    """Of one request that began at `began`."""

    began: float

    def server(self, span: Span, note: str = "") -> _Twig:
        asked = (
            f"{span.asked} → {span.status}" if span.status else "no access line: not done, or it ended before it was"
        )
        times = f"{span.start - self.began:.1f} … {span.end - self.began:.1f} ms"
        addresses = [inner.address for inner in span.spans if inner.address]
        tried = f"  ({', '.join(addresses)})" if addresses else ""
        return _Twig(f"{_name(span)}  {asked}  {times}{note}{_skew(span)}{tried}", self._below(span))

    def _below(self, span: Span) -> tuple[_Twig, ...]:
        """What it did, in the order of time."""
        events = [(event.at, _Twig(_event(event))) for event in span.events]
        servers = [
            (inner.start, self.server(inner, _lost(inner, span))) for inner in span.spans if inner.kind == "server"
        ]
        calls = [(call[0].start, self._call(call)) for call in calls_of(span)]
        return tuple(twig for _, twig in sorted([*events, *servers, *calls], key=lambda each: each[0]))

    def _call(self, attempts: Sequence[Span]) -> _Twig:
        first = attempts[0]
        if len(attempts) > 1:
            return _Twig(_asked(attempts), tuple(map(self._attempt, attempts, [None, *attempts])))
        if first.address and first.handled:
            return self.server(first.handled, _lateness(first, first.handled))
        only = self._attempt(first)
        return _Twig(f"{_asked(attempts)}  {only.text}", only.twigs)

    def _attempt(self, attempt: Span, before: Span | None = None) -> _Twig:
        took = f"  {attempt.duration:.1f} ms" if attempt.duration is not None else ""
        where = f" at {attempt.address}" if attempt.address else ""
        came = f"attempt {attempt.attempt}{where} → {_outcome(attempt)}{took}"
        pause = ""
        if before and before.duration is not None and attempt.duration is not None:
            pause = f", {max(0.0, attempt.start - before.end):.1f} ms later"
        below = self._below(attempt.handled) if attempt.handled else ()
        return _Twig(f"{came}{_peers_side(attempt)}{pause}", below)


def calls_of(span: Span) -> list[list[Span]]:
    """The attempts at peers within it, a retry with the attempt before it."""
    calls: list[list[Span]] = []
    for attempt in (inner for inner in span.spans if inner.kind == "client"):
        before = next((call for call in reversed(calls) if _is_retry(attempt, call[-1])), None)
        if before:
            before.append(attempt)
        else:
            calls.append([attempt])
    return calls


def _is_retry(attempt: Span, before: Span) -> bool:
    """nginx's upstreams are attempts at one peer, known by the one that has a line of it."""
    is_same = attempt.address is not None or (attempt.peer, attempt.path) == (before.peer, before.path)
    return is_same and attempt.attempt == before.attempt + 1


def _asked(attempts: Sequence[Span]) -> str:
    peer = next((attempt.peer for attempt in attempts if attempt.peer), "upstream")
    asked = next((attempt.asked for attempt in attempts if attempt.asked), "")
    return f"{peer}  {asked}".rstrip()


def _outcome(attempt: Span) -> str:
    if attempt.status is None:
        return f"no answer, {attempt.error or 'no reason given'}"
    return f"{attempt.status}, {attempt.error}" if attempt.error else str(attempt.status)


def _peers_side(attempt: Span) -> str:
    """What the peer's own line says of it, and the fault proxy's."""
    parts = [_handled(attempt, attempt.handled)] if attempt.handled else []
    parts += [f"fault: {fault_text(fault)}" for fault in attempt.faults]
    return f" ({', '.join(parts or [_missing(attempt)])})"


def _handled(attempt: Span, span: Span) -> str:
    if span.status is None:
        return f"{_name(span)} did not finish it"
    other = f"{span.status} in " if span.status != attempt.status else ""
    where = f"in {span.replica}" if span.replica else "there"
    return f"{other}{span.duration:.1f} {where}{_lateness(attempt, span)}{_skew(span)}"


def _missing(attempt: Span) -> str:
    unless = "" if attempt.surely_never_arrived else ", or was not finished there"
    return f"no line of {attempt.peer or 'it'}: it never arrived{unless}"


def _lateness(attempt: Span, span: Span) -> str:
    late = attempt.duration is not None and span.start > attempt.end + _CLOCKS
    return ", begun after its caller had given up" if late else ""


def _skew(span: Span) -> str:
    if abs(span.skew) < _CLOCKS:
        return ""
    return f", its clock is {abs(span.skew) / 1000:.1f} s {'ahead' if span.skew > 0 else 'behind'}"


def _lost(span: Span, caller: Span) -> str:
    return "" if span.parent_span_id == caller.span_id else ", no log line of its caller"


def _event(event: Event) -> str:
    if event.event == "fault":
        return f"! fault: {fault_text(event)}"
    words = [f"{name}={_value(name, value)}" for name, value in event.fields.items() if value is not None]
    return textwrap.shorten(" ".join(["!", event.level, event.event, *words]), _LONGEST_EVENT, placeholder=" …")


def _value(name: str, value: object) -> object:
    """Of a traceback the last line."""
    lines = str(value).strip().splitlines()
    return lines[-1] if name == "exception" and lines else value


def _name(span: Span) -> str:
    return span.replica or span.service
