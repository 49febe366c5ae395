"""Tells of a run in a line per feature, of each scenario that did not pass, and of those at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ops.evidence.journal import Event
from ops.evidence.reason import UNRECOVERED, one_line
from ops.evidence.scenario import Step, named, titled
from ops.progress import Progress, Rows
from ops.trace.trace_link import TraceLink

SIGNS = {"skipped": ("-", "skip"), "flaky": ("~", "skip")}
COUNTED = ("passed", "failed", "not-proven", "flaky", "skipped")


@dataclass
class UnderWay:
    """A scenario that has begun."""

    name: str
    row: str
    broken: list[str] = field(default_factory=list)
    why: str = ""
    requests: list[str] = field(default_factory=list)
    suspect: str = ""


@dataclass
class Feature:
    """How the scenarios of a feature have ended so far, and what that took, summed up."""

    ends: Counter[str] = field(default_factory=Counter)
    ms: float = 0.0


class Narrator:
    """Keeps what is under way, the counts of each feature until its last scenario, and those of the whole run.

    `planned` is how many scenarios there will be, by the files of their features; None where that is not known.
    """

    def __init__(self, progress: Progress, rows: Rows, leads: TraceLink, planned: Counter[str] | None = None) -> None:
        self._progress = progress
        self._rows = rows
        self._leads = leads
        self._planned = planned
        self._all: Counter[str] = Counter()
        self._now: dict[str, UnderWay] = {}
        self._features: dict[str, Feature] = {}

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
                self._at(event.get("scenario")).requests.append(str(event["requestId"]))
            case "scenario-finished":
                self._end(event)

    def beat(self) -> None:
        """Some time has passed: say where the run is."""
        self._rows.show("scenarios", self._counts())
        for scenario, now in self._now.items():
            self._rows.show(scenario, now.row)

    def close(self) -> None:
        """Say how the features ended of which there is nothing more to come."""
        for file in list(self._features):
            self._close(file)

    def _close(self, file: str) -> None:
        feature = self._features.pop(file)
        counts = ", ".join(f"{count} {status}" for status, count in sorted(feature.ends.items()))
        bad = feature.ends["failed"] + feature.ends["not-proven"]
        words = f"{'✗' if bad else '✓'} {file}: {counts}, {feature.ms / 1000:.1f} s"
        self._progress.say(words, "bad" if bad else "ok")

    def _counts(self) -> str:
        done = self._all.total()
        of = f"{done} of {self._planned.total()}" if self._planned else f"{done}"
        ends = ", ".join(f"{self._all[status]} {status}" for status in COUNTED if self._all[status])
        return f"scenarios: {of}" + (f" · {ends}" if ends else "")

    def _at(self, scenario: object) -> UnderWay:
        return self._now.get(str(scenario), UnderWay("", ""))

    def _start(self, event: Event) -> None:
        name = titled(str(event["name"]))
        self._now[str(event["id"])] = UnderWay(name, f"{str(event['id']).removeprefix('features/')} {name}")

    def _step(self, event: Event) -> None:
        if event.get("error"):
            step = Step(str(event["keyword"]), str(event["text"]), str(event["status"]), error=str(event["error"]))
            now = self._at(event.get("scenario"))
            now.suspect = now.suspect or named(now.requests, step.why)
            now.why = now.why or step.why
            now.broken += [f"{step.keyword} {step.text}", one_line(step.why, now.suspect)]

    def _end(self, event: Event) -> None:
        scenario, status = str(event["id"]), str(event["status"])
        was = self._now.pop(scenario, UnderWay("", ""))
        self._rows.drop(scenario)
        file = scenario.rpartition(":")[0]
        feature = self._features.setdefault(file, Feature())
        self._all[status] += 1
        feature.ends[status] += 1
        feature.ms += float(str(event.get("ms") or 0))
        if status != "passed":
            self._say(event, was)
        if self._planned and feature.ends.total() == self._planned[file]:
            self._close(file)

    def _say(self, event: Event, was: UnderWay) -> None:
        sign, style = SIGNS.get(str(event["status"]), ("✗", "bad"))
        self._progress.say(f"{sign} {event['id']} {was.name}".rstrip() + f": {event['status']}", style)
        reason = str(event.get("reason") or "")
        suspect = was.suspect or named(was.requests, reason)
        more = f"{UNRECOVERED}{reason}" if was.why and reason not in was.why else reason
        self._progress.quote([line for line in dict.fromkeys([*was.broken, one_line(more, suspect)]) if line])
        if suspect and event["status"] not in SIGNS:
            self._progress.offer(self._leads.words(suspect))
