"""A walk in the journal of its run: each step is a scenario."""

from __future__ import annotations

from ops.evidence.journal import Journal
from ops.smoke.page import HEADING, Step
from ops.smoke.walk import Result

STATUSES = {"held": "passed", "failed": "failed", "skipped": "skipped"}


def begin(journal: Journal, file: str, step: Step) -> None:
    """A step of the page `file` is about to be tried."""
    about = {"feature": HEADING, "file": file, "line": step.line, "name": step.title, "keyword": "Step", "tags": []}
    journal.write("scenario-started", id=f"{file}:{step.line}", **about)


def end(journal: Journal, file: str, result: Result) -> None:
    """It has ended: its commands are a When, what was answered is a Then."""
    step, status, ms = result.step, STATUSES[result.status], round(result.seconds * 1000, 1)
    scenario, reason = f"{file}:{step.line}", "\n".join(result.why) or None
    sent = f"the request {result.request_id} is sent" if result.request_id else "its commands are run"
    error = "\n".join(filter(None, [reason, result.came])) if status == "failed" else None
    when = {"keyword": "When", "text": sent, "docString": step.script, "status": status, "ms": ms, "error": error}
    journal.write("step", scenario=scenario, **when)
    if status == "passed":
        then = {"keyword": "Then", "text": f"it answers {step.status}", "docString": result.came}
        journal.write("step", scenario=scenario, **then, status=status, ms=0)
    journal.write("scenario-finished", id=scenario, name=step.title, status=status, ms=ms, reason=reason)
