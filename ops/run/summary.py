"""The last words of a run, what was slow, skipped or broken, how to trace it, the verdict, the report."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from rich.text import Text

from ops.errors import Exit
from ops.journal.reason import one_line, where
from ops.journal.record import Record
from ops.journal.scenario import Scenario
from ops.progress.sheet import Line, hanging
from ops.report import acceptance
from ops.report.headline import why_unproven
from ops.run.verification import Proved
from ops.trace.trace_link import TraceLink

WORDS = {
    Exit.HELD: "all held",
    Exit.FAILED: "a promise is broken",
    Exit.USAGE: "wrong usage",
    Exit.CONFIGURATION: "the configuration is invalid",
    Exit.NOT_READY: "the stack did not get ready",
    Exit.NOT_PROVEN: "a fault was not confirmed, so its scenario proves nothing",
    Exit.CLEANUP: "the clean-up failed",
    Exit.INTERRUPTED: "interrupted",
}
SLOWEST = 5
SHOWN_FAILURES = 10
"""So many failures are shown; the report has the rest."""


def summary(proved: Proved, width: int | None = None) -> Text:
    """Broken into lines for a terminal so wide; the verdict and where the report lies stand last."""
    record = proved.record
    return hanging([*_told(record), *_partly(record), *_left_out(record), *_end(proved)], width)


def verdict(proved: Proved) -> str:
    """How it ended, in words and counts."""
    words = WORDS[proved.exit]
    if proved.exit == Exit.FAILED and not proved.record.of_status("failed"):
        words = "the set-up failed" if proved.record.setup_failures else "nothing is proven"
    if proved.exit == Exit.NOT_PROVEN and (why := why_unproven(proved.record)):
        words = f"not all is proven, as {why}"
    return f"{words}: {', '.join(_counts(proved))} in {proved.seconds:.1f} s"


def _counts(proved: Proved) -> Iterator[str]:
    record, counted = proved.record, proved.record.verdict
    cut_short = sum(scenario.is_cut_short for scenario in record.scenarios)
    not_run = max(0, (proved.planned or 0) - len(record.scenarios))
    yield f"{counted.passed} passed"
    harness = sum(scenario.is_harness for scenario in record.scenarios)
    yield f"{len(record.of_status('failed', 'not-proven')) - cut_short - harness} failed"
    yield f"{counted.skipped} skipped"
    rest = ((harness, "not proven"), (counted.flaky, "flaky"), (cut_short, "interrupted"), (not_run, "not run"))
    yield from (f"{count} {words}" for count, words in rest if count)


def _told(record: Record) -> Iterator[Line]:
    yield from _slowest(record.scenarios)
    yield from _skipped(record.of_status("skipped"))
    for failure in record.setup_failures:
        yield Line("set-up failed: ", one_line(failure.message), style="bad")
    for check in record.failed_checks:
        yield Line("check failed: ", one_line(f"{check.name}: {check.detail}"), style="bad")
        if place := where(check.detail):
            yield Line("", place, indent=2, is_whole=True)
    bad = record.of_status("not-proven", "failed")
    for scenario in (bad if len(bad) <= SHOWN_FAILURES else _spread(bad))[:SHOWN_FAILURES]:
        yield from _broken(scenario, record.trace_link)
    if len(bad) > SHOWN_FAILURES:
        yield Line("", f"… and {len(bad) - SHOWN_FAILURES} more, in the report", style="bad")


def _spread(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The first of each feature, then the second of each: one cause can fill a feature."""
    before: Counter[str] = Counter()
    places = []
    for scenario in scenarios:
        places.append((before[scenario.file], scenario))
        before[scenario.file] += 1
    return [scenario for _, scenario in sorted(places, key=itemgetter(0))]


def _slowest(scenarios: Sequence[Scenario]) -> Iterator[Line]:
    ran = [scenario for scenario in scenarios if scenario.status != "skipped"]
    slow = sorted(ran, key=lambda scenario: scenario.last.ms, reverse=True)[:SLOWEST]
    for place, scenario in enumerate(slow if len(ran) > 1 else []):
        words = f"{scenario.last.ms / 1000:4.1f} s  {_title(scenario)}"
        yield Line("" if place else "slowest", words, indent=8, style="dim", is_short=True)


def _skipped(scenarios: Sequence[Scenario]) -> Iterator[Line]:
    by_reason: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        by_reason.setdefault(scenario.in_a_line, []).append(scenario)
    for reason, skipped in by_reason.items():
        yield Line("skipped: ", f"{len(skipped)}" + (f", {reason}" if reason else ""), style="skip")
        yield from (Line("", words, indent=2, hang=2, style="dim") for words in _by_feature(skipped))


def _by_feature(scenarios: Sequence[Scenario]) -> Iterator[str]:
    """One by its title; several of a feature by their lines: at a URL there are hundreds."""
    for file, found in groupby(sorted(scenarios, key=lambda one: (one.file, one.line)), key=lambda one: one.file):
        several = list(found)
        yield f"{file}:{', '.join(str(one.line) for one in several)}" if len(several) > 1 else _title(several[0])


def _broken(scenario: Scenario, trace_link: TraceLink) -> Iterator[Line]:
    """Where, at which step, why, and the command that shows the way of the request to look at."""
    last = scenario.last
    if scenario.is_cut_short:
        yield Line("interrupted: ", _title(scenario), style="skip")
        return
    yield Line(f"{scenario.status.replace('-', ' ')}: ", _title(scenario), style="bad")
    if last.ended:
        yield Line("", f"{last.ended.keyword} {last.ended.text}", indent=2, hang=2)
    yield Line("", scenario.in_a_line, indent=2, is_short=True)
    if last.suspect:
        yield Line("", trace_link.words(last.suspect), indent=2, is_whole=trace_link.has_logs)


def _partly(record: Record) -> Iterator[Line]:
    if criteria := acceptance.partly(record):
        yield Line("proven in part: ", ", ".join(criteria), style="skip")


def _left_out(record: Record) -> Iterator[Line]:
    if record.unproven:
        yield Line("left out: ", record.unproven)


def _end(proved: Proved) -> Iterator[Line]:
    yield Line("", verdict(proved), style="bad" if proved.exit else "ok")
    yield Line(f"report: {_from_here(proved.run.directory / 'report.html')}", is_whole=True)


def _title(scenario: Scenario) -> str:
    return f"{scenario.id} {scenario.title}".strip()


def _from_here(path: Path) -> str:
    """As it can be copied into the next command."""
    near = os.path.relpath(path)
    return str(path) if near.startswith("..") else near
