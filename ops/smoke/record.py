"""A walk in the journal of its run: each step is a scenario of its commands and of what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ops.journal import events
from ops.journal.events import ScenarioFinished, ScenarioStarted
from ops.journal.journal import Journal
from ops.smoke.page import HEADING, Step
from ops.smoke.walk import Result

STATUSES: Mapping[str, Literal["passed", "failed", "skipped"]] = {
    "held": "passed",
    "failed": "failed",
    "skipped": "skipped",
}


def begin(journal: Journal, file: str, step: Step) -> None:
    """A step of the page `file` is about to be tried."""
    scenario = f"{file}:{step.line}"
    start = ScenarioStarted(id=scenario, feature=HEADING, file=file, line=step.line, name=step.title, keyword="Step")
    journal.write(start)


def end(journal: Journal, file: str, result: Result) -> None:
    """It has ended: its commands are a When, what was answered is a Then."""
    step, status, ms = result.step, STATUSES[result.status], round(result.seconds * 1000, 1)
    scenario, reason = f"{file}:{step.line}", "\n".join(result.why)
    sent = f"the request {result.request_id} is sent" if result.request_id else "its commands are run"
    when = events.Step(scenario=scenario, keyword="When", text=sent, doc_string=step.script, status=status, ms=ms)
    if status == "failed":
        error, shown = "\n".join(filter(None, [reason, result.came])), result.request_id or ""
        when = when.model_copy(update={"error": error, "request_id": shown})
    if result.request:
        journal.write(result.request.model_copy(update={"scenario": scenario}))
    journal.write(when)
    if status == "passed":
        answers = f"it answers {step.status}"
        then = events.Step(scenario=scenario, keyword="Then", text=answers, doc_string=result.came, status=status)
        journal.write(then)
    journal.write(ScenarioFinished(id=scenario, status=status, ms=ms, reason=reason))
