"""`logs`: the lines of a stack's services and gateway in the order of their times."""

from __future__ import annotations

from collections.abc import Iterable

import click

from ops.commands import log_sources, options
from ops.outcome import Outcome
from ops.progress import Progress
from ops.system import current
from ops.trace.logs import LogLine, text
from ops.trace.text import line_text


@click.command()
@options.origin
@click.option("--request-id", default="*", help="Only lines of this request; * stands for any characters.")
@click.option(
    "--service",
    "services",
    multiple=True,
    type=click.Choice([part.name for part in current().parts]),
    help="Only this service (may be given several times).",
)
@click.option("--last", type=options.Whole(1), default=200, show_default=True, help="How many lines at the most.")
def logs(name: str | None, run: str | None, request_id: str, services: tuple[str, ...], last: int) -> Outcome:
    """Print the log lines of a stack, or of a run that is over, oldest first."""
    place = log_sources.origin(name, run, request_id)
    wanted = [line for line in place.matching(request_id) if not services or line["service"] in services]
    if not wanted and request_id != "*":
        only = f" and from {' or '.join(services)}" if services else ""
        Progress().complain(f"no line of {place.words} is about a request {request_id!r}{only}")
    return Outcome("\n".join(line_text(line) for line in ordered(wanted)[-last:]))


def ordered(lines: Iterable[LogLine]) -> list[LogLine]:
    """Oldest first, those of one time as they stand in their logs; last, where it is seen, what has no time at all."""
    return sorted(lines, key=lambda line: text(line, "ts") or "~")
