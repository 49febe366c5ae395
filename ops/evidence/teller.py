"""Builds the story of a run from the events of its journal; what an event leaves out gets a plain default."""

from collections.abc import Callable
from pathlib import Path

from ops.evidence.fields import Fields, flag, headers, items, members, number, optional, rows, seconds, text, texts
from ops.evidence.journal import Event, read
from ops.evidence.measurements import Bench, Measurement
from ops.evidence.scenario import STATUSES, Fault, Request, Scenario, Status, Step, Try
from ops.evidence.story import Check, ServiceReady, SetupFailure, Sibling, Story


def tell(journal: Path) -> Story:
    """The story of a run, also of one that was interrupted. Raises OSError when there is no journal.

    Its scenarios come as they stand in the features, in whichever order they ran.
    """
    teller = Teller()
    for event in read(journal):
        teller.take(event)
    teller.story.scenarios.sort(key=lambda scenario: (scenario.file, scenario.line))
    return teller.story


class Teller:
    def __init__(self) -> None:
        self.story = Story()
        self._scenarios: dict[str, Scenario] = {}
        self._tellers: dict[str, Callable[[Fields], None]] = {
            "run-started": self._run_started,
            "check": self._check,
            "stack-ready": self._stack_ready,
            "versions": self._versions,
            "setup-failed": self._setup_failed,
            "scenario-started": self._scenario_started,
            "step": self._step,
            "request": self._request,
            "scenario-finished": self._scenario_finished,
            "fault": self._fault,
            "log": self._log,
            "sibling": self._sibling,
            "bench-started": self._bench_started,
            "measurement": self._measurement,
            "summary": self._summary,
            "run-finished": self._run_finished,
            "unreadable": self._unreadable,
        }

    def take(self, event: Event) -> None:
        """Add one event; events of an unknown kind are for others and passed over."""
        take = self._tellers.get(str(event["event"]))
        if take:
            take(event)

    def _run_started(self, event: Fields) -> None:
        self.story.run = text(event, "run")
        self.story.stack = text(event, "stack")
        self.story.base_url = text(event, "baseUrl")
        self.story.command = " ".join(texts(event, "command")) or text(event, "command")
        self.story.began = text(event, "ts")
        self.story.left_out = text(event, "leftOut").removeprefix("left out: ")
        self.story.tags = texts(event, "tags")
        self._versions(event)
        self.story.backlog = dict(members(event, "backlog"))

    def _versions(self, event: Fields) -> None:
        self.story.versions |= {str(name): str(version) for name, version in members(event, "versions").items()}

    def _check(self, event: Fields) -> None:
        check = Check(text(event, "name"), flag(event, "ok"), text(event, "detail"), number(event, "ms"))
        self.story.checks.append(check)

    def _stack_ready(self, event: Fields) -> None:
        self.story.base_url = self.story.base_url or text(event, "url")
        self.story.stack_name = text(event, "name")
        self.story.ready_at, self.story.ready_ms = seconds(event), number(event, "ms")
        self.story.services = [
            ServiceReady(text(service, "name"), int(number(service, "replica")), number(service, "readyMs"))
            for service in items(event, "services")
        ]

    def _setup_failed(self, event: Fields) -> None:
        failure = SetupFailure(text(event, "phase"), text(event, "message"), texts(event, "log"))
        self.story.setup_failures.append(failure)

    def _scenario_started(self, event: Fields) -> None:
        scenario = self._scenario(text(event, "id"))
        scenario.feature, scenario.file = text(event, "feature"), text(event, "file")
        scenario.line, scenario.name = int(number(event, "line")), text(event, "name")
        scenario.tags, scenario.rule = texts(event, "tags"), text(event, "rule")
        scenario.keyword = text(event, "keyword") or "Scenario"
        scenario.row = {str(name): str(cell) for name, cell in members(event, "row").items()}
        scenario.about = "\n".join(texts(event, "about"))
        scenario.tries.append(Try(seconds(event)))

    def _step(self, event: Fields) -> None:
        keyword, words, status, error = (text(event, name) for name in ("keyword", "text", "status", "error"))
        ms, line, doc = number(event, "ms"), int(number(event, "line")), text(event, "docString")
        self._try(text(event, "scenario"), event).steps.append(
            Step(keyword, words, status, ms, error, rows(event, "table"), doc, line, seconds(event) - ms / 1000)
        )

    def _request(self, event: Fields) -> None:
        ms, status = number(event, "ms"), optional(event, "status")
        request = Request(
            text(event, "requestId"),
            text(event, "method"),
            text(event, "url"),
            seconds(event) - ms / 1000,
            ms,
            None if status is None else int(status),
            text(event, "error"),
            headers(event, "requestHeaders"),
            event.get("requestBody"),
            headers(event, "responseHeaders"),
            event.get("responseBody"),
            raw_target=text(event, "rawTarget") if "rawTarget" in event else None,
        )
        under_way = self._try(text(event, "scenario"), event)
        request.step = len(under_way.steps)
        under_way.requests.append(request)

    def _scenario_finished(self, event: Fields) -> None:
        last = self._try(text(event, "id"), event)
        last.status = next((status for status in STATUSES if status == event.get("status")), "failed")
        last.ms, last.reason = number(event, "ms"), text(event, "reason")

    def _fault(self, event: Fields) -> None:
        scenario, kind, target, state, detail = (
            text(event, name) for name in ("scenario", "kind", "target", "state", "detail")
        )
        ms, recovery = number(event, "ms"), optional(event, "recoveryMs")
        began = seconds(event, "began") or seconds(event) - (ms + (recovery or 0)) / 1000
        fault = Fault(scenario, kind, target, state, ms, detail, recovery, began)
        self.story.faults.append(fault)
        if scenario:
            self._try(scenario, event).faults.append(fault)

    def _log(self, event: Fields) -> None:
        line = {"service": text(event, "service"), **members(event, "line")}
        self.story.logs.setdefault(text(event, "requestId"), []).append(line)

    def _sibling(self, event: Fields) -> None:
        known: dict[str, Status] = {status: status for status in STATUSES}
        results = {name: known.get(str(status), "failed") for name, status in members(event, "results").items()}
        proofs = members(event, "proofs")
        listed = {name: texts(proofs, name) for name in proofs}
        self.story.siblings.append(Sibling(text(event, "run"), text(event, "stack"), results, listed))

    def _bench_started(self, event: Fields) -> None:
        self.story.bench = Bench.read(event)

    def _measurement(self, event: Fields) -> None:
        if self.story.bench:
            self.story.bench.measurements.append(Measurement.read(event))

    def _summary(self, event: Fields) -> None:
        self.story.summary = text(event, "words")

    def _run_finished(self, event: Fields) -> None:
        self.story.seconds, self.story.ended_at = number(event, "seconds"), seconds(event)
        code = optional(event, "exit")
        self.story.exit = None if code is None else int(code)
        self.story.interrupted = flag(event, "interrupted")

    def _unreadable(self, event: Fields) -> None:
        self.story.damaged += 1

    def _scenario(self, scenario_id: str) -> Scenario:
        """The scenario of this ID; made up when its start is missing, so that nothing of it is lost."""
        if scenario_id not in self._scenarios:
            file, _, line = scenario_id.rpartition(":")
            scenario = Scenario(scenario_id, file, file, int(line) if line.isdecimal() else 0, scenario_id, [])
            self._scenarios[scenario_id] = scenario
            self.story.scenarios.append(scenario)
        return self._scenarios[scenario_id]

    def _try(self, scenario_id: str, event: Fields) -> Try:
        scenario = self._scenario(scenario_id)
        if not scenario.tries:
            scenario.tries.append(Try(seconds(event)))
        return scenario.last
