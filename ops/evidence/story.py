"""A run as its journal tells it: what every report is made from."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.evidence.measurements import Bench
from ops.evidence.scenario import STATUSES, Fault, Scenario, Status
from ops.trace.trace_link import TraceLink


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    detail: str
    ms: float


@dataclass(frozen=True)
class SetupFailure:
    phase: str
    message: str
    log: list[str]


@dataclass(frozen=True)
class ServiceReady:
    name: str
    replica: int
    ms: float


@dataclass(frozen=True)
class Sibling:
    """A run of the same commit on another stack: how its scenarios ended, by their IDs, and which of them prove what.

    `proofs` has the IDs of the scenarios for each criterion (`P7-01.2`); older runs have none.
    """

    run: str
    stack: str
    results: Mapping[str, Status]
    proofs: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Counts of scenarios; a set-up failure counts as a failed one. `ok`: something ran, and all that ran held."""

    passed: int
    failed: int
    skipped: int
    flaky: int
    not_proven: int
    ok: bool


@dataclass
class Story:
    """All that one journal tells. `logs` holds the services' lines by request ID, `damaged` counts unreadable lines.

    `left_out` is what a whole run leaves out unless asked, `tags` are the expressions of one that was asked for some.
    `bench` is what a bench measured, None for any other run.
    `summary` is what the command says of the whole, where the scenarios do not tell it.
    """

    run: str = ""
    stack: str = ""
    base_url: str = ""
    command: str = ""
    began: str = ""
    left_out: str = ""
    tags: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    backlog: dict[str, Any] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    stack_name: str = ""
    ready_at: float = 0.0
    ready_ms: float | None = None
    services: list[ServiceReady] = field(default_factory=list)
    setup_failures: list[SetupFailure] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    siblings: list[Sibling] = field(default_factory=list)
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    bench: Bench | None = None
    summary: str = ""
    seconds: float | None = None
    ended_at: float = 0.0
    exit: int | None = None
    interrupted: bool = False
    damaged: int = 0

    @property
    def verdict(self) -> Verdict:
        counts = {status: sum(scenario.status == status for scenario in self.scenarios) for status in STATUSES}
        failed = counts["failed"] + len(self.setup_failures)
        held = counts["passed"] + counts["flaky"]
        ok = bool(held) and not (failed or counts["not-proven"] or self.interrupted or self.failed_checks)
        return Verdict(counts["passed"], failed, counts["skipped"], counts["flaky"], counts["not-proven"], ok)

    @property
    def unproven(self) -> str:
        """The scenarios that it was not meant to run, in words; empty where those are none."""
        asked = shlex.join(word for expression in self.tags for word in ("--tags", expression))
        return self.left_out or (f"the scenarios that `{asked}` does not select" if asked else "")

    @property
    def kind(self) -> str:
        """Of its stack: older runs at a URL have that instead."""
        return "url" if "://" in self.stack else self.stack

    @property
    def leads(self) -> TraceLink:
        """Where its requests lead to."""
        return TraceLink(self.run, has_logs=self.kind != "url")

    @property
    def failed_checks(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    def of_status(self, status: Status) -> list[Scenario]:
        return [scenario for scenario in self.scenarios if scenario.status == status]
