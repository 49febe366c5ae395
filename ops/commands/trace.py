"""`trace`: one request's way through gateway and services."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from ops.commands import options
from ops.errors import OpsError
from ops.evidence import search
from ops.evidence.fields import optional, seconds, text
from ops.evidence.logs import LogLine
from ops.evidence.trace import Trace
from ops.evidence.trace_text import tree
from ops.evidence.tracing import traced
from ops.outcome import Outcome
from ops.stacks import named
from ops.stacks.topology import GATEWAY, SERVICES

LISTED = 20
SETTLING = 1.0
"""Seconds for which lines of a request may still be on their way into the files."""


@click.command()
@options.name
@click.argument("request_id")
@options.as_json
def trace(name: str, request_id: str, as_json: bool) -> Outcome:
    """Show the way of a request as a tree with times; with a * in REQUEST_ID, list the newest IDs that match."""
    files = _callers_first(named.running(name).log_files())
    if "*" in request_id:
        newest = search.newest(files, request_id, LISTED)
        _require(bool(newest), request_id, name, files)
        return _listed(newest, as_json)
    found = _settled(files, request_id)
    _require(bool(found.requests), request_id, name, files)
    return Outcome(json.dumps(found.document(), indent=2) if as_json else tree(found, _width()))


def _callers_first(files: Sequence[Path]) -> list[Path]:
    """A peer writes its line before its caller does: read after the caller's, its log has that line."""
    order = (GATEWAY, "access", *reversed(SERVICES))
    return sorted(files, key=lambda file: order.index(file.stem) if file.stem in order else len(order))


def _settled(files: Sequence[Path], request_id: str) -> Trace:
    """The trace; if lines are missing although the request is hardly over, what it is a moment later."""
    while True:
        lines = search.find(files, request_id)
        found = traced(request_id, lines)
        last = max(map(seconds, lines), default=0.0)
        if all(request.hop.is_complete for request in found.requests) or time.time() - last > SETTLING:
            return found
        time.sleep(0.1)


def _require(found: bool, request_id: str, name: str, files: Sequence[Path]) -> None:
    if not found:
        searched = ", ".join(os.path.relpath(file) for file in files)
        raise OpsError(f"no line of the stack {name!r} is about a request {request_id!r}; searched: {searched}")


def _listed(lines: Sequence[LogLine], as_json: bool) -> Outcome:
    """One line for each ID, the newest first."""
    if as_json:
        return Outcome(json.dumps({"requests": list(lines)}, indent=2))
    return Outcome("\n".join(map(_line, lines)))


def _line(line: LogLine) -> str:
    took = f"in {optional(line, 'durationMs') or 0:.1f} ms"
    return "  ".join([text(line, "ts"), text(line, "requestId"), " ".join([_asked(line), text(line, "status"), took])])


def _asked(line: LogLine) -> str:
    return f"{text(line, 'method')} {text(line, 'path')}"


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
