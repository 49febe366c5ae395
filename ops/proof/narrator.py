"""Tells of a run in a line per feature, and of each scenario that did not pass, from the run's own events."""

from __future__ import annotations

from collections import Counter

from ops.evidence.journal import Event
from ops.evidence.story import Step
from ops.progress import Progress

LINES = 6
"""How much is told of a failure here; the report tells all of it."""

SIGNS = {"skipped": ("-", "skip"), "flaky": ("~", "skip")}


class Narrator:
    """Keeps the count of the feature at hand until another one begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._feature = ""
        self._ends: Counter[str] = Counter()
        self._ms = 0.0
        self._broken: list[str] = []
        self._requests: list[str] = []

    def tell(self, event: Event) -> None:
        """Take one event of the journal."""
        match event["event"]:
            case "scenario-started":
                self._broken, self._requests = [], []
            case "step":
                self._step(event)
            case "request":
                self._requests.append(str(event["requestId"]))
            case "scenario-finished":
                self._end(event)

    def close(self) -> None:
        """Say how the feature at hand ended."""
        if not self._ends:
            return
        counts = ", ".join(f"{count} {status}" for status, count in sorted(self._ends.items()))
        bad = self._ends["failed"] + self._ends["not-proven"]
        words = f"{'✗' if bad else '✓'} {self._feature}: {counts} in {self._ms / 1000:.1f} s"
        self._progress.say(words, "bad" if bad else "ok")
        self._ends.clear()
        self._ms = 0.0

    def _step(self, event: Event) -> None:
        if event.get("error"):
            step = Step(str(event["keyword"]), str(event["text"]), str(event["status"]), error=str(event["error"]))
            self._broken += [f"{step.keyword} {step.text}", *step.why.splitlines()[:LINES]]

    def _end(self, event: Event) -> None:
        feature = str(event["id"]).rpartition(":")[0]
        if feature != self._feature:
            self.close()
            self._feature = feature
        self._ends[str(event["status"])] += 1
        self._ms += float(str(event.get("ms") or 0))
        if event["status"] != "passed":
            self._say(event)

    def _say(self, event: Event) -> None:
        sign, style = SIGNS.get(str(event["status"]), ("✗", "bad"))
        self._progress.say(f"{sign} {event['id']} {event['name']}".rstrip() + f": {event['status']}", style)
        self._progress.quote([*str(event.get("reason") or "").splitlines(), *self._broken])
        if self._requests and event["status"] not in SIGNS:
            self._progress.quote([f"request IDs: {', '.join(self._requests[-LINES:])}"])
