"""A run as its journal tells it: what every report is made from."""

import shlex
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatchmethod
from pathlib import Path
from typing import Any, NamedTuple

from ops.journal import events
from ops.journal.events import STATUSES, Event, Status
from ops.journal.journal import Reader, timestamp
from ops.journal.measurements import Bench
from ops.journal.scenario import Scenario, Try
from ops.trace.trace_link import TraceLink


class Verdict(NamedTuple):
    """Counts of scenarios. `ok`: something ran, all that ran held, and no set-up failed."""

    passed: int
    failed: int
    skipped: int
    flaky: int
    not_proven: int
    ok: bool


@dataclass
class Record:
    """All that one journal tells. `logs` holds the services' lines by request ID, `damaged` counts unreadable lines.

    `start`, `stack` and `end` are None as long as the journal has no such event; `bench` for any run that is none.
    `summary` is what the command says of the whole. The scenarios come as they stand in the features.
    """

    start: events.RunStarted | None = None
    versions: dict[str, str] = field(default_factory=dict)
    checks: list[events.Check] = field(default_factory=list)
    ready: events.StackReady | None = None
    setup_failures: list[events.SetupFailed] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    faults: list[events.Fault] = field(default_factory=list)
    siblings: list[events.Sibling] = field(default_factory=list)
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    bench: Bench | None = None
    summary: str = ""
    end: events.RunFinished | None = None
    damaged: int = 0
    _by_id: dict[str, Scenario] = field(default_factory=dict)

    @classmethod
    def read(cls, journal: Path, *, is_brief: bool = False) -> "Record":
        """Of a run, also of one that was interrupted; a brief one is without steps, requests and log lines.

        Raises OSError when there is no journal, UnknownSchema for one of another version.
        """
        record = cls()
        take = record.take  # looked up once: each time that makes a function
        for event in Reader(journal, is_brief=is_brief).news():
            take(event)
        return record

    @property
    def run(self) -> str:
        return self.start.run if self.start else ""

    @property
    def stack(self) -> str:
        """The kind of its stack."""
        return self.start.stack if self.start else ""

    @property
    def kind(self) -> str:
        """The command's name; empty where the journal does not say."""
        return self.start.kind if self.start else ""

    @property
    def command(self) -> str:
        return self.start.command if self.start else ""

    @property
    def began(self) -> str:
        return timestamp(self.start.ts) if self.start else ""

    @property
    def base_url(self) -> str:
        return (self.start and self.start.base_url) or (self.ready and self.ready.url) or ""

    @property
    def tickets(self) -> dict[str, events.Ticket]:
        """The backlog."""
        return dict(self.start.backlog) if self.start else {}

    @property
    def is_interrupted(self) -> bool:
        return self.end is not None and self.end.interrupted

    @property
    def seconds(self) -> float | None:
        """How long it took; None for one that has no end."""
        return self.end.seconds if self.end else None

    @property
    def verdict(self) -> Verdict:
        counts = {status: len(self.of_status(status)) for status in STATUSES}
        failed = counts["failed"]
        held = counts["passed"] + counts["flaky"]
        is_whole = not (self.setup_failures or self.is_interrupted or self.failed_checks)
        ok = bool(held) and is_whole and not (failed or counts["not-proven"])
        return Verdict(counts["passed"], failed, counts["skipped"], counts["flaky"], counts["not-proven"], ok)

    @property
    def unproven(self) -> str:
        """The scenarios that it was not meant to run, in words; empty where those are none."""
        if not self.start:
            return ""
        asked = shlex.join(word for expression in self.start.tags for word in ("--tags", expression))
        return self.start.left_out or (f"the scenarios that `{asked}` does not select" if asked else "")

    @property
    def trace_link(self) -> TraceLink:
        """Where its requests lead to."""
        return TraceLink(self.run, has_logs=self.stack != "url")

    @property
    def failed_checks(self) -> list[events.Check]:
        return [check for check in self.checks if not check.ok]

    def of_status(self, *statuses: Status) -> list[Scenario]:
        """Those that ended so, status by status."""
        return [scenario for status in statuses for scenario in self.scenarios if scenario.status == status]

    @singledispatchmethod
    def take(self, event: Event) -> None:
        """Add one event."""

    @take.register
    def _(self, event: events.RunStarted) -> None:
        self.start = event
        self.versions |= event.versions

    @take.register
    def _(self, event: events.Versions) -> None:
        self.versions |= event.versions

    @take.register
    def _(self, event: events.Check) -> None:
        self.checks.append(event)

    @take.register
    def _(self, event: events.StackReady) -> None:
        self.ready = event

    @take.register
    def _(self, event: events.SetupFailed) -> None:
        self.setup_failures.append(event)

    @take.register
    def _(self, event: events.ScenarioStarted) -> None:
        scenario = self._by_id.get(event.id)
        if scenario is None:
            scenario = self._by_id[event.id] = Scenario(event)
            insort(self.scenarios, scenario, key=lambda one: (one.file, one.line))
        scenario.tries.append(Try(event.at))

    @take.register
    def _(self, event: events.Step) -> None:
        self._try(event.scenario, event).steps.append(event)

    @take.register
    def _(self, event: events.Request) -> None:
        under_way = self._try(event.scenario, event)
        under_way.requests.append(event)
        under_way.during.append(len(under_way.steps))

    @take.register
    def _(self, event: events.ScenarioFinished) -> None:
        self._try(event.id, event).end = event

    @take.register
    def _(self, event: events.Fault) -> None:
        self.faults.append(event)
        if event.scenario:
            self._try(event.scenario, event).faults.append(event)

    @take.register
    def _(self, event: events.Log) -> None:
        self.logs.setdefault(event.request_id or "", []).append({"service": event.service, **event.line})

    @take.register
    def _(self, event: events.Sibling) -> None:
        self.siblings.append(event)

    @take.register
    def _(self, event: events.BenchStarted) -> None:
        self.bench = Bench(event)

    @take.register
    def _(self, event: events.Measurement) -> None:
        if self.bench:
            self.bench.measurements.append(event)

    @take.register
    def _(self, event: events.Summary) -> None:
        self.summary = event.words

    @take.register
    def _(self, event: events.RunFinished) -> None:
        self.end = event

    @take.register
    def _(self, event: events.Unreadable) -> None:
        self.damaged += 1

    def _try(self, scenario_id: str, event: Event) -> Try:
        """The last one of the scenario of this ID; made up when its start is missing, so that nothing of it is lost."""
        if scenario_id not in self._by_id:
            file, _, line = scenario_id.rpartition(":")
            number = int(line) if line.isdecimal() else 0
            start = events.ScenarioStarted(
                ts=event.ts, id=scenario_id, feature=file, file=file, line=number, name=scenario_id
            )
            self.take(start)
        return self._by_id[scenario_id].last


class Growing:
    """The record of a journal that still grows; each line is read once."""

    def __init__(self, journal: Path) -> None:
        self._reader = Reader(journal)
        self._record = Record()

    def news(self) -> Iterator[Event]:
        """What came since the last call, as Reader reads it."""
        for event in self._reader.news():
            self._record.take(event)
            yield event

    def caught_up(self) -> Record:
        """With all that is there now."""
        for _ in self.news():
            pass
        return self._record
