"""A walk in the journal of its run: each step is a scenario, and its commands are the text of its one step."""

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
        scenario, reason = self._scenario(step), "\n".join(result.why) or None
        self.journal.write(
            "step",
            scenario=scenario,
            keyword="When",
            text=f"the request {result.request_id} is sent" if result.request_id else "its commands are run",
            docString=step.script.text,
            status=status,
            ms=ms,
            error="\n".join(filter(None, [reason, result.came])) if result.status == "failed" else None,
        )
        self.journal.write("scenario-finished", id=scenario, name=step.title, status=status, ms=ms, reason=reason)

    def _scenario(self, step: Step) -> str:
        return f"{self.page}:{step.line}"
