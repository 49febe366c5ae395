"""Tells of a run in a line per feature, of each scenario that did not pass, and of the one at hand."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable

from ops.evidence.journal import Event
from ops.evidence.story import Step, titled
from ops.progress import Progress, Rows

LONGEST = 200
"""How many characters of a reason are told here; the report tells all of it."""

SIGNS = {"skipped": ("-", "skip"), "flaky": ("~", "skip")}
COUNTED = ("passed", "failed", "not-proven", "flaky", "skipped")


class Narrator:
    """Keeps the counts of the feature at hand, until another one begins, and of the whole run."""

    def __init__(self, progress: Progress, rows: Rows, total: int | None = None) -> None:
        self._progress = progress
        self._rows = rows
        self._total = total
        self._all: Counter[str] = Counter()
        self._now = self._name = ""
        self._feature = ""
        self._ends: Counter[str] = Counter()
        self._ms = 0.0
        self._broken: list[str] = []
        self._last_request = ""

    def hear(self, events: Iterable[Event]) -> None:
        """Take what is new in the journal."""
        for event in events:
            self.tell(event)

    def tell(self, event: Event) -> None:
        """Take one event of the journal."""
        match event["event"]:
            case "scenario-started":
                self._start(event)
            case "step":
                self._step(event)
            case "request":
                self._last_request = str(event["requestId"])
            case "scenario-finished":
                self._end(event)

    def beat(self) -> None:
        """Some time has passed: say where the run is."""
        self._rows.show("scenarios", self._counts())
        if self._now:
            self._rows.show("now", self._now)

    def close(self) -> None:
        """Say how the feature at hand ended."""
        if not self._ends:
            return
        counts = ", ".join(f"{count} {status}" for status, count in sorted(self._ends.items()))
        bad = self._ends["failed"] + self._ends["not-proven"]
        words = f"{'✗' if bad else '✓'} {self._feature}: {counts}, {self._ms / 1000:.1f} s"
        self._progress.say(words, "bad" if bad else "ok")
        self._ends.clear()
        self._ms = 0.0

    def _counts(self) -> str:
        done = sum(self._all.values())
        of = f"{done} of {self._total}" if self._total else f"{done}"
        ends = ", ".join(f"{self._all[status]} {status}" for status in COUNTED if self._all[status])
        return f"scenarios: {of}" + (f" · {ends}" if ends else "")

    def _start(self, event: Event) -> None:
        self._broken, self._last_request = [], ""
        self._name = titled(str(event["name"]))
        self._now = f"{str(event['id']).removeprefix('features/')} {self._name}"

    def _step(self, event: Event) -> None:
        if event.get("error"):
            step = Step(str(event["keyword"]), str(event["text"]), str(event["status"]), error=str(event["error"]))
            self._broken += [f"{step.keyword} {step.text}", _one_line(step.why)]

    def _end(self, event: Event) -> None:
        self._rows.drop("now")
        self._now = ""
        feature = str(event["id"]).rpartition(":")[0]
        if feature != self._feature:
            self.close()
            self._feature = feature
        for counter in (self._ends, self._all):
            counter[str(event["status"])] += 1
        self._ms += float(str(event.get("ms") or 0))
        if event["status"] != "passed":
            self._say(event)

    def _say(self, event: Event) -> None:
        sign, style = SIGNS.get(str(event["status"]), ("✗", "bad"))
        self._progress.say(f"{sign} {event['id']} {self._name}".rstrip() + f": {event['status']}", style)
        self._progress.quote([line for line in dict.fromkeys([*self._broken, _one_line(event.get("reason"))]) if line])
        if self._last_request and event["status"] not in SIGNS:
            self._progress.offer(f"python3 -m ops trace {self._last_request}")


def _one_line(text: object) -> str:
    return textwrap.shorten(str(text or ""), LONGEST, placeholder=" …")
