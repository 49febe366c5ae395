"""What a run tells GitHub Actions: annotations at the lines of the features, and the summary of the job."""

from __future__ import annotations

from collections.abc import Iterator

from ops.journal.reason import one_line
from ops.journal.record import Record
from ops.journal.scenario import Scenario
from ops.report.acceptance import Criterion, cell, tickets
from ops.trace.trace_link import TraceLink

SHOWN = 10
"""Of each kind GitHub shows so many annotations for one step."""


def workflow_commands(record: Record) -> Iterator[str]:
    """Workflow commands: an error for whatever failed, a warning for a scenario that only held when tried again."""
    failures = [_command("error", failure.message, title=f"{failure.phase}") for failure in record.setup_failures]
    failures += [_command("error", check.detail, title=check.name) for check in record.failed_checks]
    failures += [_at("error", scenario, record.trace_link) for scenario in broken(record)]
    yield from failures[:SHOWN]
    yield from [_at("warning", scenario, record.trace_link) for scenario in record.of_status("flaky")][:SHOWN]


def job_summary(record: Record, verdict: str) -> str:
    """Markdown: the verdict, what failed and how to trace it, and the result of each criterion of the backlog."""
    left_out = f" Left out: {record.unproven}." if record.unproven else ""
    run = f"Run `{record.run}` on `{record.stack}`.{left_out}"
    parts = [f"### {verdict}", run, *_failures(record), *_criteria(record)]
    return "\n\n".join(parts) + "\n\n"


def broken(record: Record) -> list[Scenario]:
    """The scenarios that did not hold, the worst first."""
    return record.of_status("failed", "not-proven")


def _at(kind: str, scenario: Scenario, trace_link: TraceLink) -> str:
    suspect = scenario.last.suspect
    words = "\n".join([scenario.reason, *([trace_link.words(suspect)] if suspect else [])])
    return _command(kind, words, file=scenario.file, line=str(scenario.line), title=scenario.title)


def _command(kind: str, words: str, **properties: str) -> str:
    listed = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{kind} {listed}::{_escaped(words.strip())}"


def _escaped(text: str, more: str = "") -> str:
    """As GitHub's own toolkit does it; `%` first. Who prints it takes care of what a terminal obeys."""
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def _failures(record: Record) -> Iterator[str]:
    lines = [f"- **{failure.phase}**: {cell(failure.message)}" for failure in record.setup_failures]
    lines += [f"- **{check.name}**: {cell(one_line(check.detail))}" for check in record.failed_checks]
    bad = broken(record)
    lines += [_failure(scenario, record.trace_link) for scenario in bad[:SHOWN]]
    lines += [f"- … and {len(bad) - SHOWN} more, in the report"] if len(bad) > SHOWN else []
    if lines:
        yield "\n".join(lines)


def _failure(scenario: Scenario, trace_link: TraceLink) -> str:
    suspect = scenario.last.suspect
    why = cell(scenario.in_a_line)
    return f"- `{scenario.id}` {cell(scenario.title)}: {why}{_lead(suspect, trace_link)}"


def _lead(suspect: str, trace_link: TraceLink) -> str:
    if not suspect:
        return ""
    command = trace_link.command(suspect)
    return f" · `{command}`" if command else f" · {cell(trace_link.words(suspect))}"


def _criteria(record: Record) -> Iterator[str]:
    rows = [_row(f"{ticket.id}.{each.number}", each) for ticket in tickets(record) for each in ticket.criteria]
    if rows:
        yield "\n".join(["| | criterion | scenarios | result |", "|---|---|---|---|", *rows])


def _row(number: str, criterion: Criterion) -> str:
    words = criterion.result.words
    result = words if criterion.result.is_proven else f"**{words}**"
    return f"| {number} | {cell(criterion.text)} | {len(criterion.scenarios)} | {result} |"
