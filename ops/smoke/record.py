"""A walk in the journal of its run: each step is a scenario of its commands and of what they answered."""

from __future__ import annotations

from dataclasses import dataclass

from ops.evidence.journal import Journal
from ops.smoke.page import HEADING, Step
from ops.smoke.walk import Result

STATUSES = {"held": "passed", "failed": "failed", "skipped": "skipped"}


@dataclass(frozen=True)
class Record:
    """`page` is how the page is called."""

    journal: Journal
    page: str

    def begin(self, step: Step) -> None:
        """A step is about to be tried."""
        name = {"feature": HEADING, "file": self.page, "line": step.line, "name": step.title, "tags": []}
        self.journal.write("scenario-started", id=self._scenario(step), keyword="Step", **name)

    def end(self, result: Result) -> None:
        """It has ended."""
        step, status, ms = result.step, STATUSES[result.status], round(result.seconds * 1000, 1)
        reason = "\n".join(result.why) or None
        sent = f"the request {result.request_id} is sent" if result.request_id else "its commands are run"
        error = "\n".join(filter(None, [reason, result.came])) if result.status == "failed" else None
        self._step(step, "When", sent, docString=step.script.text, status=status, ms=ms, error=error)
        if result.status == "held":
            self._step(step, "Then", f"it answers {step.expected.status}", docString=result.came, status=status, ms=0)
        about = {"id": self._scenario(step), "name": step.title}
        self.journal.write("scenario-finished", **about, status=status, ms=ms, reason=reason)

    def _step(self, step: Step, keyword: str, text: str, **more: object) -> None:
        self.journal.write("step", scenario=self._scenario(step), keyword=keyword, text=text, **more)

    def _scenario(self, step: Step) -> str:
        return f"{self.page}:{step.line}"
