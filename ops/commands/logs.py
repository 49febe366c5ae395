"""`logs`: the lines of a stack's services and gateway in the order of their times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import click

from ops.commands import log_sources, options
from ops.errors import WrongUsage
from ops.eventually import pause
from ops.outcome import Outcome
from ops.progress import Progress
from ops.stacks import registry
from ops.system import current
from ops.trace.logs import LogLine, Tail, seconds, text
from ops.trace.text import line_text

LEVELS = ("debug", "info", "warning", "error", "critical")
LOOK = 0.3
"""Seconds after which to look for what is new."""


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
@click.option("--level", type=click.Choice(LEVELS), help="Only lines of this level, or a worse one.")
@click.option("--since", type=options.duration, help="Only lines that are younger, e.g. than 10m.")
@click.option("--follow", "-f", is_flag=True, help="Go on with new lines as they are written, until Ctrl-C.")
@click.option("--last", type=options.Whole(1), default=200, show_default=True, help="How many lines at the most.")
def logs(
    name: str | None,
    run: str | None,
    request_id: str,
    services: tuple[str, ...],
    level: str | None,
    since: float | None,
    follow: bool,
    last: int,
) -> Outcome:
    """Print the log lines of a stack, or of a run that is over, oldest first."""
    place = log_sources.origin(name, run, request_id)
    wanted = partial(_is_wanted, services, level, time.time() - since if since else 0.0)
    if follow:
        if not isinstance(place, log_sources.OfStack):
            raise WrongUsage(f"{place.words} is over and says nothing more: --follow is for a stack that is up")
        return Outcome(lines=map(line_text, _followed(place.stack.name, request_id, wanted, last)))
    found = list(filter(wanted, place.matching(request_id)))
    if not found and request_id != "*":
        Progress().complain(
            f"no line of {place.words} is about a request {request_id!r}{_only(services, level, since)}"
        )
    return Outcome("\n".join(line_text(line) for line in ordered(found)[-last:]))


def _only(services: Sequence[str], level: str | None, since: float | None) -> str:
    """The other limits in words."""
    return "".join(
        (
            f" and from {' or '.join(services)}" if services else "",
            f" and of level {level} or worse" if level else "",
            f" and younger than {since:g} s" if since else "",
        )
    )


def _is_wanted(services: Sequence[str], level: str | None, since: float, line: LogLine) -> bool:
    """A line that has no level, such as a traceback's, counts as the worst; one that has no time, as new."""
    its, moment = text(line, "level"), seconds(line)
    is_bad = level is None or its not in LEVELS or LEVELS.index(its) >= LEVELS.index(level)
    return is_bad and (not services or line["service"] in services) and (not moment or moment >= since)


def _followed(name: str, request_ids: str, wanted: Callable[[LogLine], bool], last: int) -> Iterator[LogLine]:
    """Raises StackNotReady once the stack is down."""
    tail, first = Tail(request_ids), True
    while True:
        came = ordered(filter(wanted, tail.news(registry.running(name).log_files())))
        yield from came[-last:] if first else came
        first = False
        pause(LOOK)


def ordered(lines: Iterable[LogLine]) -> list[LogLine]:
    """Oldest first, those of one time as they stand in their logs; last, where it is seen, what has no time at all."""
    return sorted(lines, key=lambda line: text(line, "ts") or "~")
