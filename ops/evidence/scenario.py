"""A scenario as a journal tells it: its tries, each with steps, requests and faults."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from ops.evidence.reason import UNRECOVERED, untraced
from ops.evidence.runs import ID

Status: TypeAlias = Literal["passed", "failed", "skipped", "not-proven", "flaky"]
STATUSES: Final[tuple[Status, ...]] = ("failed", "not-proven", "flaky", "passed", "skipped")
INTERRUPTED: Final = "interrupted"
_BRACKETED: Final = re.compile(rf"\[([\w.-]+-{ID.pattern})\]")
_ROW_NUMBER: Final = re.compile(r" -- @\d+\.\d+ *$")


def titled(name: str) -> str:
    """A scenario's name without the number of its row, which behave puts behind it."""
    return _ROW_NUMBER.sub("", name).strip()


@dataclass
class Step:
    """A step of one try. `at` is when it began, in seconds since 1970; `line` is 0 where the journal has none."""

    keyword: str
    text: str
    status: str
    ms: float = 0.0
    error: str = ""
    table: list[list[str]] = field(default_factory=list)
    doc: str = ""
    line: int = 0
    at: float = 0.0

    @property
    def why(self) -> str:
        """The error without its traceback; what became of the step if there is none."""
        return untraced(self.error) or f"{self.status}: {self.keyword} {self.text}"


@dataclass
class Request:
    """One request to the stack. `at` is when it began, in seconds since 1970; `status` None means no answer came.

    `step` is the place, from 0, of the step that was under way, in the steps of its try. `raw_target` is what the
    request line asked for where bytes were sent past any client: all of them are its body then.
    """

    request_id: str
    method: str
    url: str
    at: float
    ms: float = 0.0
    status: int | None = None
    error: str = ""
    request_headers: list[tuple[str, str]] = field(default_factory=list)
    request_body: object = None
    response_headers: list[tuple[str, str]] = field(default_factory=list)
    response_body: object = None
    step: int = 0
    raw_target: str | None = None

    @property
    def path(self) -> str:
        """What was asked for, with the query."""
        if self.raw_target is not None:
            return self.raw_target
        return re.sub(r"^\w+://[^/]*", "", self.url) or "/"


@dataclass
class Fault:
    """A fault: in force for `ms` from `at` on (seconds since 1970); `recovery_ms` after that all was well again."""

    scenario: str
    kind: str
    target: str
    state: str
    ms: float = 0.0
    detail: str = ""
    recovery_ms: float | None = None
    at: float = 0.0


@dataclass
class Try:
    """One time that a scenario was run."""

    at: float
    status: Status = "failed"
    ms: float = 0.0
    reason: str = INTERRUPTED
    steps: list[Step] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def why(self) -> str:
        """What the step that ended it says, then why it did not recover; empty if all was well."""
        return f"{self._broke}\n{UNRECOVERED}{self.unrecovered}" if self.unrecovered else self.reason or self._broke

    @property
    def unrecovered(self) -> str:
        """What went wrong after the step that ended it: with the recovery, or with the orders that there are then."""
        is_more = self._broke and self.reason != INTERRUPTED and self.reason not in self._broke
        return self.reason if is_more else ""

    @property
    def _broke(self) -> str:
        return self.ended.why if self.ended else ""

    @property
    def ended(self) -> Step | None:
        """The step that ended it before its time."""
        return next((step for step in self.steps if step.status not in ("passed", "skipped")), None)

    @property
    def suspect(self) -> str:
        """The ID of the request to look at when it did not pass; empty if it made none and names none.

        What was asked after the step that ended it belongs to the mending, and counts only where there is nothing else.
        """
        suspects = self._while_a_fault_was_to_be_seen() if self.status == "not-proven" else self._until_it_ended()
        return named([request.request_id for request in suspects or self.requests], self.why)

    def _until_it_ended(self) -> list[Request]:
        end = self.ended.at + self.ended.ms / 1000 if self.ended and self.ended.at else math.inf
        return [request for request in self.requests if request.at <= end]

    def _while_a_fault_was_to_be_seen(self) -> list[Request]:
        """Of those that met a fault that was not confirmed the ones without a good answer, if there are any."""
        spans = [(fault.at, fault.at + fault.ms / 1000) for fault in self.faults if fault.state != "confirmed"]
        met = [request for request in self.requests if any(begin <= request.at <= end for begin, end in spans)]
        return [request for request in met if request.status is None or request.status >= 400] or met


def named(request_ids: Sequence[str], words: str) -> str:
    """The last of the IDs that the words name, else the last of them.

    Where there are none, as in the smoke checklist, whose requests others make: the first that stands in brackets
    and ends in a run, as all of these do; empty if none does.
    """
    if request_ids:
        return next((one for one in reversed(request_ids) if one in words), request_ids[-1])
    found = _BRACKETED.search(words)
    return found[1] if found else ""


@dataclass
class Scenario:
    """A scenario with every time that it was tried. `id` is its file and line."""

    id: str
    feature: str
    file: str
    line: int
    name: str
    tags: list[str]
    rule: str = ""
    keyword: str = "Scenario"
    row: dict[str, str] = field(default_factory=dict)
    about: str = ""
    tries: list[Try] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The name without the number of its row, which behave puts behind it."""
        return titled(self.name)

    @property
    def last(self) -> Try:
        return self.tries[-1]

    @property
    def status(self) -> Status:
        """`flaky` when it passed after it had failed; `not-proven` when a fault of its own did not take effect."""
        if self.last.status == "passed" and any(fault.state != "confirmed" for fault in self.last.faults):
            return "not-proven"
        if self.last.status == "passed" and any(earlier.status != "passed" for earlier in self.tries[:-1]):
            return "flaky"
        return self.last.status

    @property
    def is_cut_short(self) -> bool:
        """Whether the run was interrupted or killed meanwhile; it counts as failed."""
        return self.last.reason == INTERRUPTED

    @property
    def outcome(self) -> str:
        """What became of it, in a word or two."""
        return INTERRUPTED if self.is_cut_short else self.status.replace("-", " ")

    @property
    def reason(self) -> str:
        """Why it is not simply passed; empty if it is."""
        if self.status == "flaky":
            return next((one.why for one in self.tries[:-1] if one.why), "")
        unproven = next((fault.detail for fault in self.last.faults if fault.state != "confirmed"), "")
        return self.last.why or (unproven if self.status == "not-proven" else "")
