"""`trace`: one request's way through gateway and services."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import click

from ops.commands import log_sources, options
from ops.commands.log_sources import Origin
from ops.errors import OpsError, WrongUsage
from ops.outcome import Outcome
from ops.progress import Progress
from ops.trace import otlp
from ops.trace.logs import LogLine, number, seconds, text
from ops.trace.spans import Trace, traced
from ops.trace.text import tree

LISTED = 20
SETTLING = 1.0
"""Seconds for which lines of a request may still be on their way into the files."""


@click.command()
@options.origin
@click.argument("request_id")
@click.option(
    "--otlp",
    "export",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write the spans as OTLP JSON, which Jaeger and other OpenTelemetry tools open.",
)
@options.as_json
def trace(name: str | None, run: str | None, request_id: str, export: Path | None, as_json: bool) -> Outcome:
    """Show the way of a request as a tree with times; with a * in REQUEST_ID, list the newest IDs that match.

    The ID of a scenario's request names its run: that run's lines are shown, also when its stack is gone.
    """
    place = log_sources.origin(name, run, request_id)
    if "*" in request_id:
        if export:
            raise WrongUsage("--otlp writes one request: give its whole ID")
        newest = place.newest(request_id, LISTED + 1)
        _require(bool(newest), request_id, place)
        return _listed(newest, as_json)
    found = _settled(place, request_id)
    _require(bool(found.requests or found.loose or found.undated), request_id, place)
    if export:
        _write(found, export)
    return Outcome(json.dumps(found.document(), indent=2) if as_json else tree(found, options.width()))


def _write(found: Trace, file: Path) -> None:
    if not found.requests:
        raise OpsError(f"no line of {found.request_id!r} has a traceId: there is no span to write")
    document = otlp.export(found)
    try:
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongUsage(f"{file} cannot be written: {error.strerror}") from error
    Progress().complain(f"{otlp.count(document)} spans are in {file}")


def _settled(place: Origin, request_id: str) -> Trace:
    """The trace; if lines are missing although the request is hardly over, what it is a moment later."""
    while True:
        lines = place.find(request_id)
        found = traced(request_id, lines)
        last = max(map(seconds, lines), default=0.0)
        if found.is_complete or not place.grows or time.time() - last > SETTLING:
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
    took = f"in {number(line, 'durationMs') or 0:.1f} ms"
    return "  ".join([text(line, "ts"), text(line, "requestId"), " ".join([_asked(line), text(line, "status"), took])])


def _asked(line: LogLine) -> str:
    return f"{text(line, 'method')} {text(line, 'path')}"
