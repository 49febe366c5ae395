"""A trace as a tree of plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ops.evidence.trace import Attempt, Call, Hop, Remark, Request, Trace

GATEWAY: Final = "gateway"
_LONGEST_REMARK: Final = 300


@dataclass(frozen=True)
class _Twig:
    text: str
    twigs: tuple[_Twig, ...] = ()


def tree(trace: Trace, width: int | None = None) -> str:
    """Request after request; lines are broken at `width` columns, not at all where that is None."""
    return "\n\n".join("\n".join(_request(trace.request_id, request, width)) for request in trace.requests)


def _request(request_id: str, request: Request, width: int | None) -> Iterator[str]:
    hop = request.hop
    end = f"{_answer(hop)} in {hop.duration_ms:.1f} ms" if hop.status else "has not ended"
    yield from _broken(f"{request_id}  {hop.asked or hop.service} {end}, {request.began}", "", "  ", width)
    if hop.service != GATEWAY:
        yield "no line of the gateway: it was not asked, or is not done"
    yield from _drawn(_of_hop(hop), "", "", width)


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


def _of_hop(hop: Hop, remark: str = "") -> _Twig:
    return _Twig(f"{_name(hop)}  {_done(hop)}  {_times(hop)}{remark}{_addresses(hop)}", _below(hop))


def _lateness(attempt: Attempt, hop: Hop) -> str:
    return ", begun after its caller had given up" if attempt.had_ended_before(hop) else ""


def _below(hop: Hop) -> tuple[_Twig, ...]:
    """What it did, in the order of time."""
    calls = [(call.attempts[0].start_ms or 0.0, _of_call(call)) for call in hop.calls]
    remarks = [(remark.at_ms, _Twig(_of_remark(remark))) for remark in hop.remarks]
    return tuple(twig for _, twig in sorted(calls + remarks, key=lambda each: each[0]))


def _of_call(call: Call) -> _Twig:
    first = call.attempts[0]
    head = f"{call.peer}  {call.asked}" if call.asked else call.peer
    if len(call.attempts) > 1:
        return _Twig(head, tuple(_of_attempt(call, place) for place in range(len(call.attempts))))
    if first.address and first.hop:
        return _of_hop(first.hop, _lateness(first, first.hop))
    only = _of_attempt(call, 0)
    return _Twig(f"{head}  {only.text}", only.twigs)


def _of_attempt(call: Call, place: int) -> _Twig:
    attempt = call.attempts[place]
    took = f"  {attempt.duration_ms:.1f} ms" if attempt.duration_ms is not None else ""
    where = f" at {attempt.address}" if attempt.address else ""
    came = f"attempt {attempt.number}{where} → {_outcome(attempt)}{took}"
    text = f"{came}{_peers_side(call.peer, attempt)}{_pause(call, place)}"
    return _Twig(text, _below(attempt.hop) if attempt.hop else ())


def _outcome(attempt: Attempt) -> str:
    if attempt.status is None:
        return f"no answer, {attempt.error or 'no reason told'}"
    return f"{attempt.status}, {attempt.error}" if attempt.error else str(attempt.status)


def _unless(attempt: Attempt) -> str:
    """Where an answer came without a line of who gave it, either it was not the peer, or the peer had another ID."""
    if not attempt.surely_never_arrived:
        return ", or was not finished there"
    return " under this ID" if attempt.status else ""


def _peers_side(peer: str, attempt: Attempt) -> str:
    hop = attempt.hop
    if hop is None:
        return f"  (no line of {peer}: it never arrived{_unless(attempt)})"
    if hop.status is None:
        return f"  ({_name(hop)} did not finish it)"
    other = f"{hop.status} in " if hop.status != attempt.status else ""
    return f" ({other}{hop.duration_ms:.1f} {f'in {hop.replica}' if hop.replica else 'there'})"


def _pause(call: Call, place: int) -> str:
    before, now = call.attempts[place - 1] if place else None, call.attempts[place]
    if before is None or before.start_ms is None or now.start_ms is None:
        return ""
    return f", {max(0.0, now.start_ms - before.start_ms - (before.duration_ms or 0)):.1f} ms later"


def _of_remark(remark: Remark) -> str:
    words = [f"{name}={_value(name, value)}" for name, value in remark.fields.items() if value is not None]
    return textwrap.shorten(" ".join(["!", remark.level, remark.event, *words]), _LONGEST_REMARK, placeholder=" …")


def _value(name: str, value: object) -> object:
    """Of a traceback the last line."""
    lines = str(value).strip().splitlines()
    return lines[-1] if name == "exception" and lines else value


def _name(hop: Hop) -> str:
    return hop.replica or hop.service


def _done(hop: Hop) -> str:
    return f"{hop.asked} → {_answer(hop)}" if hop.status else "no access line: not done, or it ended before it was"


def _answer(hop: Hop) -> str:
    return str(hop.status)


def _times(hop: Hop) -> str:
    return f"{hop.start_ms:.1f} … {hop.start_ms + hop.duration_ms:.1f} ms"


def _addresses(hop: Hop) -> str:
    tried = [attempt.address for call in hop.calls for attempt in call.attempts if attempt.address]
    return f"  ({', '.join(tried)})" if tried else ""
