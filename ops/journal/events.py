"""The events of a journal: one model each, used to write and to read. A change of a field is a new SCHEMA."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, InstanceOf, TypeAdapter
from pydantic.alias_generators import to_camel

from ops.journal.reason import one_line, untraced

SCHEMA: Final = 2
Text: TypeAlias = InstanceOf[str]
"""Also with lone surrogates, which stand for bytes that are no UTF-8 (PEP 383)."""
Ms: TypeAlias = Annotated[float, BeforeValidator(lambda ms: ms or 0.0)]
StepEnd: TypeAlias = Literal["passed", "failed", "skipped", "undefined"]
End: TypeAlias = Literal["passed", "failed", "skipped", "not-proven"]
Status: TypeAlias = Literal["passed", "failed", "skipped", "not-proven", "flaky"]
STATUSES: Final[tuple[Status, ...]] = ("failed", "not-proven", "flaky", "passed", "skipped")
RUN_ID: Final = re.compile(r"\d{8}-\d{6}-[0-9a-z]{3}")
"""How runs are named; nothing else in the folder of runs is one."""
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class Model(BaseModel):
    """Names are in camel case in the journal; a name that is not of the schema is refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid", frozen=True
    )


class Event(Model):
    """`ts` is when it was written; the journal sets it."""

    event: str
    ts: datetime = _EPOCH

    @property
    def at(self) -> float:
        """When it was written, in seconds since 1970."""
        return self.ts.timestamp()


class Ticket(Model):
    """Of the backlog; `criteria` by their numbers."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    title: str = ""
    criteria: Mapping[str, str] = Field(default_factory=dict)


class RunStarted(Event):
    """The first line of a journal. `kind` is the command's name, `command` all of it.

    `left_out` is what a whole run leaves out unless asked, `tags` are the expressions of one that was asked for some.
    """

    event: Literal["run-started"] = "run-started"
    schema_version: Literal[2] = Field(default=SCHEMA, alias="schema")
    run: str
    kind: Literal["verify", "smoke", "bench", "behave"]
    stack: str
    base_url: Text | None = None
    command: Text = ""
    left_out: str = ""
    tags: tuple[Text, ...] = ()
    seed: int | None = None
    versions: Mapping[str, str] = Field(default_factory=dict)
    backlog: Mapping[str, Ticket] = Field(default_factory=dict)


class Versions(Event):
    """Of what the stack runs on."""

    event: Literal["versions"] = "versions"
    versions: Mapping[str, str]


class Check(Event):
    """What was found before anything ran."""

    event: Literal["check"] = "check"
    name: Text
    ok: bool
    detail: Text = ""
    ms: float = 0.0


class ServiceReady(Model):
    """How long it took; None where it was ready before."""

    name: str
    replica: int
    ready_ms: Ms = 0.0


class StackReady(Event):
    """The stack is up, after `ms`."""

    event: Literal["stack-ready"] = "stack-ready"
    name: str
    url: Text | None = None
    ms: float
    services: tuple[ServiceReady, ...] = ()


class SetupFailed(Event):
    """Something other than a scenario failed; `phase` is the kind of the error, or the hook."""

    event: Literal["setup-failed"] = "setup-failed"
    phase: Text
    message: Text
    log: tuple[Text, ...] = ()


class ScenarioStarted(Event):
    """`id` is its file and line; `row` the row of the examples by its headings; `about` its feature's description."""

    event: Literal["scenario-started"] = "scenario-started"
    id: Text
    feature: Text
    file: Text
    line: int
    name: Text
    tags: tuple[Text, ...] = ()
    rule: Text = ""
    keyword: Text = "Scenario"
    row: Mapping[str, Text] = Field(default_factory=dict)
    about: tuple[Text, ...] = ()


class Step(Event):
    """A step of a scenario, when it has ended; `line` is 0 for a step that stands in no file.

    Of one that failed `error` is all that there is to say, `brief` the same in a line, `request_id` the request that
    shows it; the last two may be empty.
    """

    event: Literal["step"] = "step"
    scenario: Text
    keyword: Text
    text: Text
    status: StepEnd
    ms: float = 0.0
    error: Text = ""
    brief: Text = ""
    request_id: Text = ""
    table: tuple[tuple[Text, ...], ...] = ()
    doc_string: Text = ""
    line: int = 0

    @property
    def at(self) -> float:
        """When it began."""
        return self.ts.timestamp() - self.ms / 1000

    @property
    def why(self) -> str:
        """The error without its traceback; what became of the step if there is none."""
        return untraced(self.error) or f"{self.status}: {self.keyword} {self.text}"

    @property
    def in_a_line(self) -> str:
        """Why, without the request that shows it."""
        return one_line(self.brief or self.why)


class Request(Event):
    """A request to the stack, when it is over; `status` None means that no answer came, and `error` says why.

    `raw_target` is what the request line asked for where bytes were sent past any client: all of them are its body.
    `is_cut` says that not all of its body was kept.
    """

    event: Literal["request"] = "request"
    scenario: Text
    request_id: Text
    method: Text
    url: Text
    ms: float = 0.0
    status: int | None = None
    error: Text = ""
    request_headers: tuple[tuple[Text, Text], ...] = ()
    request_body: Any = None
    response_headers: tuple[tuple[Text, Text], ...] = ()
    response_body: Any = None
    raw_target: Text | None = None
    is_cut: bool = False

    @property
    def at(self) -> float:
        """When it began."""
        return self.ts.timestamp() - self.ms / 1000

    @property
    def path(self) -> str:
        """What was asked for, with the query."""
        return re.sub(r"^\w+://[^/]*", "", self.url) or "/" if self.raw_target is None else self.raw_target


class ScenarioFinished(Event):
    """`reason` is why it was skipped or proves nothing, `unrecovered` what went wrong after its last step.

    `brief` is either in a line, `request_id` the request that shows it; both may be empty. It is the `harness` that was
    in trouble where that is why it proves nothing.
    """

    event: Literal["scenario-finished"] = "scenario-finished"
    id: Text
    status: End
    ms: float = 0.0
    reason: Text = ""
    unrecovered: Text = ""
    brief: Text = ""
    request_id: Text = ""
    interrupted: bool = False
    harness: bool = False
    attempt: int = 1

    @property
    def in_a_line(self) -> str:
        """What went wrong, without the request that shows it."""
        return one_line(self.brief or self.unrecovered or self.reason)


class Fault(Event):
    """A fault that is over: in force for `ms` from `began` on; `recovery_ms` after that all was well again."""

    event: Literal["fault"] = "fault"
    scenario: Text = ""
    kind: Text
    target: Text
    state: Text
    detail: Text = ""
    ms: Ms = 0.0
    recovery_ms: float | None = None
    began: datetime | None = None

    @property
    def at(self) -> float:
        """When it began."""
        over = self.ms + (self.recovery_ms or 0.0)
        return self.began.timestamp() if self.began else self.ts.timestamp() - over / 1000


class Figures(Event):
    """What a scenario measured, by the name of the measurement."""

    event: Literal["figures"] = "figures"
    scenario: Text
    name: str
    figures: Mapping[str, Any]


class Log(Event):
    """A line of a service's log, as the service wrote it."""

    event: Literal["log"] = "log"
    request_id: Text | None = None
    service: Text
    replica: Text | None = None
    line: dict[str, Any]


class Sibling(Event):
    """A run of the same commit on another stack: how its scenarios ended, by their IDs, and which of them prove what.

    `proofs` has the IDs of the scenarios for each criterion (`P7-01.2`).
    """

    event: Literal["sibling"] = "sibling"
    run: str
    stack: str
    began: datetime
    results: Mapping[str, Status]
    proofs: Mapping[str, Sequence[str]] = Field(default_factory=dict)


class BenchPlan(Model):
    """Of a bench: `loop` is closed, or open at `rate` requests a second; `stacks` maps each one's name to what it is.

    `seconds` is how long each load lasts.
    """

    loop: Literal["closed", "open"] = "closed"
    rate: float | None = None
    rounds: int = 0
    seconds: float = 0.0
    stacks: Mapping[str, str] = Field(default_factory=dict)
    machine: Mapping[str, str] = Field(default_factory=dict)


class BenchStarted(Event, BenchPlan):
    """A bench is about to measure."""

    event: Literal["bench-started"] = "bench-started"


class Measurement(Event):
    """One load of one stack with one request over so many connections.

    `seconds` is how long it lasted, `acknowledged` counts answers 2xx, `errors` all other ends of requests. `p50`,
    `p90`, `p99` and `longest` are milliseconds. By service: `cpu` in seconds, and after the load `memory` in bytes
    (resident) and the number of open file `descriptors`. `stored` is how many more are stored than before, None where
    nobody counts that. `void` says why it does not count; it is empty for one that does.
    """

    event: Literal["measurement"] = "measurement"
    round: int
    request: str
    connections: int
    stack: str
    seconds: float
    acknowledged: int
    errors: int
    p50: float
    p90: float
    p99: float
    longest: float
    cpu: Mapping[str, float]
    memory: Mapping[str, int]
    descriptors: Mapping[str, int] = Field(default_factory=dict)
    stored: int | None = None
    void: str = ""

    @property
    def key(self) -> tuple[str, int, str]:
        """Request, connections and stack."""
        return self.request, self.connections, self.stack

    @property
    def rate(self) -> float:
        """Acknowledged requests a second."""
        return self.acknowledged / self.seconds if self.seconds else 0.0


class Summary(Event):
    """What the command says of the whole, where the scenarios do not."""

    event: Literal["summary"] = "summary"
    words: Text


class RunFinished(Event):
    """`exit` is the command's exit code."""

    event: Literal["run-finished"] = "run-finished"
    exit: int
    seconds: float
    interrupted: bool = False


class Unreadable(Event):
    """Never written: what stands for a line that is no event, by its number."""

    event: Literal["unreadable"] = "unreadable"
    number: int


_ANY: Final[Any] = reduce(or_, [kind for kind in Event.__subclasses__() if kind is not Unreadable])
KNOWN: Final[TypeAdapter[Event]] = TypeAdapter(Annotated[_ANY, Discriminator("event")])
