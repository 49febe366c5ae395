"""Tells of a run in a line per feature, of each scenario that did not pass, and of those at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ops.journal.events import Event, Request, ScenarioFinished, ScenarioStarted, Step
from ops.journal.reason import UNRECOVERED
from ops.journal.scenario import titled
from ops.progress import Progress, Rows
from ops.trace.trace_link import TraceLink

SIGNS = {"skipped": ("-", "skip"), "flaky": ("~", "skip")}
COUNTED = ("passed", "failed", "not-proven", "flaky", "skipped")


@dataclass
class UnderWay:
    """A scenario that has begun."""

    name: str
    row: str
    file: str = ""
    broken: list[str] = field(default_factory=list)
    last: str = ""
    """The ID of its last request."""
    suspect: str = ""


@dataclass
class Feature:
    """How the scenarios of a feature have ended so far, and what that took, summed up."""

    ends: Counter[str] = field(default_factory=Counter)
    ms: float = 0.0


class LiveProgress:
    """Keeps what is under way, the counts of each feature until its last scenario, and those of the whole run.

    `planned` is how many scenarios there will be, by the files of their features; None where that is not known.
    """

    def __init__(
        self, progress: Progress, rows: Rows, trace_link: TraceLink, planned: Counter[str] | None = None
    ) -> None:
        self._progress = progress
        self._rows = rows
        self._trace_link = trace_link
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
        match event:
            case ScenarioStarted():
                self._start(event)
            case Step():
                self._step(event)
            case Request():
                self._at(event.scenario).last = event.request_id
            case ScenarioFinished():
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

    def _at(self, scenario: str) -> UnderWay:
        return self._now.get(scenario, UnderWay("", ""))

    def _start(self, event: ScenarioStarted) -> None:
        name = titled(event.name)
        self._now[event.id] = UnderWay(name, f"{event.id.removeprefix('features/')} {name}", event.file)

    def _step(self, step: Step) -> None:
        if step.error:
            now = self._at(step.scenario)
            now.suspect = now.suspect or step.request_id or now.last
            now.broken += [f"{step.keyword} {step.text}", step.in_a_line]

    def _end(self, event: ScenarioFinished) -> None:
        was = self._now.pop(event.id, UnderWay("", ""))
        self._rows.drop(event.id)
        feature = self._features.setdefault(was.file, Feature())
        self._all[event.status] += 1
        feature.ends[event.status] += 1
        feature.ms += event.ms
        if event.status != "passed":
            self._say(event, was)
        if self._planned and feature.ends.total() == self._planned[was.file]:
            self._close(was.file)

    def _say(self, event: ScenarioFinished, was: UnderWay) -> None:
        sign, style = SIGNS.get(event.status, ("✗", "bad"))
        self._progress.say(f"{sign} {event.id} {was.name}".rstrip() + f": {event.status}", style)
        suspect = was.suspect or event.request_id or was.last
        more = f"{UNRECOVERED}{event.in_a_line}" if was.broken and event.unrecovered else event.in_a_line
        self._progress.quote([line for line in dict.fromkeys([*was.broken, more]) if line])
        if suspect and event.status not in SIGNS:
            self._progress.offer(self._trace_link.words(suspect))
