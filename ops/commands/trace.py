"""`trace`: one request's way through gateway and services."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import click

from ops.commands import options, origins
from ops.commands.origins import Origin
from ops.errors import OpsError
from ops.evidence.fields import optional, seconds, text
from ops.evidence.logs import LogLine
from ops.evidence.trace import Trace
from ops.evidence.trace_text import tree
from ops.evidence.tracing import traced
from ops.outcome import Outcome

LISTED = 20
SETTLING = 1.0
"""Seconds for which lines of a request may still be on their way into the files."""


@click.command()
@options.origin
@click.argument("request_id")
@options.as_json
def trace(name: str | None, run: str | None, request_id: str, as_json: bool) -> Outcome:
    """Show the way of a request as a tree with times; with a * in REQUEST_ID, list the newest IDs that match.

    The ID of a scenario's request names its run: that run's lines are shown, also when its stack is gone.
    """
    place = origins.origin(name, run, request_id)
    if "*" in request_id:
        newest = place.newest(request_id, LISTED + 1)
        _require(bool(newest), request_id, place)
        return _listed(newest, as_json)
    found = _settled(place, request_id)
    _require(bool(found.requests), request_id, place)
    return Outcome(json.dumps(found.document(), indent=2) if as_json else tree(found, options.width()))


def _settled(place: Origin, request_id: str) -> Trace:
    """The trace; if lines are missing although the request is hardly over, what it is a moment later."""
    while True:
        lines = place.find(request_id)
        found = traced(request_id, lines)
        last = max(map(seconds, lines), default=0.0)
        is_whole = all(request.hop.is_complete for request in found.requests)
        if is_whole or not place.grows or time.time() - last > SETTLING:
            return found
        time.sleep(0.1)


def _require(found: bool, request_id: str, place: Origin) -> None:
    if not found:
        hint = "; --run looks into a run that is over" if place.grows else ""
        raise OpsError(f"no line of {place.words} is about a request {request_id!r}{hint}")


def _listed(lines: Sequence[LogLine], as_json: bool) -> Outcome:
    """One line for each ID, the newest first."""
    if as_json:
        return Outcome(json.dumps({"requests": list(lines[:LISTED])}, indent=2))
    rest = [f"… and older ones; these are the newest {LISTED}"] if len(lines) > LISTED else []
    return Outcome("\n".join([*map(_line, lines[:LISTED]), *rest]))


def _line(line: LogLine) -> str:
    took = f"in {optional(line, 'durationMs') or 0:.1f} ms"
    return "  ".join([text(line, "ts"), text(line, "requestId"), " ".join([_asked(line), text(line, "status"), took])])


def _asked(line: LogLine) -> str:
    return f"{text(line, 'method')} {text(line, 'path')}"
