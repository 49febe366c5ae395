"""A scenario as a journal tells it: its tries, each with steps, requests and faults."""

import math
import re
from dataclasses import dataclass, field
from typing import Final

from ops.journal.events import Fault, Request, ScenarioFinished, ScenarioStarted, Status, Step
from ops.journal.reason import UNRECOVERED, one_line

INTERRUPTED: Final = "interrupted"
_ROW_NUMBER: Final = re.compile(r" -- @\d+\.\d+ *$")


def titled(name: str) -> str:
    """A scenario's name without the number of its row, which behave puts behind it."""
    return _ROW_NUMBER.sub("", name).strip()


@dataclass
class Try:
    """One time that a scenario was run, from `at` on; without an `end` where the run ended first.

    `during` is the place, from 0, of the step that was under way at each request.
    """

    at: float
    end: ScenarioFinished | None = None
    steps: list[Step] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    during: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def status(self) -> Status:
        return self.end.status if self.end else "failed"

    @property
    def ms(self) -> float:
        return self.end.ms if self.end else 0.0

    @property
    def is_cut_short(self) -> bool:
        """Whether the run was interrupted or killed meanwhile."""
        return self.end is None or self.end.interrupted

    @property
    def unrecovered(self) -> str:
        """What went wrong after its last step: with the recovery, or with what is stored then."""
        return self.end.unrecovered if self.end else ""

    @property
    def why(self) -> str:
        """What the step that ended it says, then why it did not recover; empty if all was well."""
        broke = self.ended.why if self.ended else ""
        if broke and self.unrecovered:
            return f"{broke}\n{UNRECOVERED}{self.unrecovered}"
        return self.unrecovered or (self.end.reason if self.end else INTERRUPTED) or broke

    @property
    def in_a_line(self) -> str:
        """The same for a terminal, without the request that shows it."""
        broke, end = self.ended.in_a_line if self.ended else "", self.end.in_a_line if self.end else INTERRUPTED
        return one_line(f"{broke}, {UNRECOVERED}{end}") if broke and self.unrecovered else end or broke

    @property
    def ended(self) -> Step | None:
        """The step that ended it before its time."""
        return next((step for step in self.steps if step.status not in ("passed", "skipped")), None)

    @property
    def unproven(self) -> list[Fault]:
        """The faults that were not seen to take effect."""
        return [fault for fault in self.faults if fault.state != "confirmed"]

    @property
    def suspect(self) -> str:
        """The ID of the request that shows why it did not pass: the one named, else the last; empty if there is none.

        What was asked after the step that ended it belongs to the mending, and counts only where there is nothing else.
        """
        suspects = self._while_a_fault_was_to_be_seen() if self.status == "not-proven" else self._until_it_ended()
        asked = [request.request_id for request in suspects or self.requests]
        named = [event.request_id for event in (self.ended, self.end) if event and event.request_id]
        return next(iter([*named, *reversed(asked)]), "")

    def _until_it_ended(self) -> list[Request]:
        end = self.ended.at + self.ended.ms / 1000 if self.ended else math.inf
        return [request for request in self.requests if request.at <= end]

    def _while_a_fault_was_to_be_seen(self) -> list[Request]:
        """Of those that met a fault that was not confirmed the ones without a good answer, if there are any."""
        spans = [(fault.at, fault.at + fault.ms / 1000) for fault in self.unproven]
        met = [request for request in self.requests if any(begin <= request.at <= end for begin, end in spans)]
        return [request for request in met if request.status is None or request.status >= 400] or met


@dataclass
class Scenario:
    """A scenario with every time that it was tried."""

    start: ScenarioStarted
    tries: list[Try] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its file and line."""
        return self.start.id

    @property
    def file(self) -> str:
        return self.start.file

    @property
    def line(self) -> int:
        return self.start.line

    @property
    def title(self) -> str:
        """The name without the number of its row, which behave puts behind it."""
        return titled(self.start.name)

    @property
    def requests(self) -> list[Request]:
        """Of all tries."""
        return [request for one in self.tries for request in one.requests]

    @property
    def ms(self) -> float:
        """Of all tries."""
        return sum(one.ms for one in self.tries)

    @property
    def last(self) -> Try:
        return self.tries[-1]

    @property
    def status(self) -> Status:
        """`flaky` when it passed after it had failed; `not-proven` when a fault of its own did not take effect."""
        if self.last.status == "passed" and self.last.unproven:
            return "not-proven"
        if self.last.status == "passed" and any(earlier.status != "passed" for earlier in self.tries[:-1]):
            return "flaky"
        return self.last.status

    @property
    def is_harness(self) -> bool:
        """Whether it proves nothing because the harness was in trouble."""
        return bool(self.last.end and self.last.end.harness)

    @property
    def is_cut_short(self) -> bool:
        """Whether the run was interrupted or killed meanwhile; it counts as failed."""
        return self.last.is_cut_short

    @property
    def outcome(self) -> str:
        """What became of it, in a word or two."""
        return INTERRUPTED if self.is_cut_short else self.status.replace("-", " ")

    @property
    def reason(self) -> str:
        """Why it is not simply passed; empty if it is."""
        if self.status == "flaky":
            return next((one.why for one in self.tries[:-1] if one.why), "")
        unproven = next((fault.detail for fault in self.last.unproven), "")
        return self.last.why or (unproven if self.status == "not-proven" else "")

    @property
    def in_a_line(self) -> str:
        """The same for a terminal, without the request that shows it."""
        if self.status == "flaky":
            return next((one.in_a_line for one in self.tries[:-1] if one.why), "")
        return self.last.in_a_line or one_line(self.reason)
