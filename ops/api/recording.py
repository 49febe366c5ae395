"""Scenarios and steps as the journal keeps them, also those for which behave calls no hook."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ops.api.request_ids import Place
from ops.errors import OpsError
from ops.faults.errors import NotProven
from ops.journal import events
from ops.journal.journal import Journal
from ops.journal.runs import Run
from ops.system import current

INTERRUPTED = "interrupted"
OUTCOMES: Mapping[str, events.StepEnd] = {
    "passed": "passed",
    "skipped": "skipped",
    "untested": "skipped",
    "undefined": "undefined",
}
ENDS: Mapping[str, events.End] = {"passed": "passed", "skipped": "skipped"}


class Named(Protocol):
    """What behave's statuses, steps and scenarios have in common."""

    name: str


class Step(Named, Protocol):
    """behave's step."""

    keyword: str
    step_type: str
    line: int
    table: Any
    text: str | None
    status: Named
    duration: float
    exception: BaseException | None
    hook_failed: bool


class Scenario(Named, Protocol):
    """behave's scenario; `location` names its file and the line of its row."""

    filename: str
    location: Any
    line: int
    keyword: str
    feature: Any
    effective_tags: Iterable[str]
    parent: Any
    all_steps: Iterable[Step]
    status: Named
    skip_reason: str | None
    hook_failed: bool

    def skip(self, reason: str | None = None) -> None:
        """Leave it out."""


@dataclass(frozen=True)
class Failure:
    """Why something failed: `words` in full, `brief` in a line, and the request that shows it; both may be empty."""

    words: str = ""
    brief: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, error: BaseException | None) -> Failure:
        """An assertion's own words; the traceback of anything else."""
        if isinstance(error, KeyboardInterrupt):
            return cls(INTERRUPTED)
        if isinstance(error, AssertionError):
            return cls(in_words(error))
        return cls("".join(traceback.format_exception(error)) if error else "")


def in_words(error: Exception) -> str:
    """What an error says that was meant to be read, else its kind as well."""
    if isinstance(error, AssertionError | OpsError):
        return str(error) or "an assertion without words"
    return f"{type(error).__name__}: {error}"


@contextmanager
def telling(journal: Journal, phase: str) -> Iterator[None]:
    """Whatever breaks inside a hook stands in the journal, where it fails the run; behave itself only prints it.

    An OpsError stands there already: who raised it has told more.
    """
    try:
        yield
    except OpsError:
        raise
    except Exception as error:
        journal.write(events.SetupFailed(phase=phase, message=f"{type(error).__name__}: {error}"))
        raise


class Recording:
    """The journal's account of one scenario."""

    def __init__(self, run: Run, scenario: Scenario, trouble: Callable[[float], str] = lambda seconds: "") -> None:
        """`trouble` says what was wrong with the harness in the last so many seconds."""
        self._run = run
        self._journal = run.journal
        self._scenario = scenario
        self._trouble = trouble
        self._file = Path(scenario.filename).resolve().relative_to(current().root).as_posix()
        self._recorded: set[int] = set()
        self._began = time.monotonic()
        self.id = f"{self._file}:{scenario.line}"

        self._started()

    @property
    def place(self) -> Place:
        """Where the scenario's requests come from."""
        return Place(self._file, self._scenario.line, self._run.id)

    @property
    def failure(self) -> BaseException | None:
        """Why the scenario failed, if it did and gave a reason."""
        return next((step.exception for step in self._scenario.all_steps if step.exception), None)

    def _started(self) -> None:
        scenario = self._scenario
        self._journal.write(
            events.ScenarioStarted(
                id=self.id,
                feature=scenario.feature.name,
                file=self._file,
                line=scenario.line,
                name=scenario.name,
                keyword=scenario.keyword,
                row=_row(scenario),
                about=tuple(scenario.feature.description),
                tags=tuple(sorted(scenario.effective_tags)),
                rule=_rule(scenario),
            )
        )

    def step(self, step: Step, failure: Failure | None = None) -> None:
        """A step has ended, and why it failed, if it did."""
        self._recorded.add(id(step))
        outcome = "failed" if step.hook_failed else OUTCOMES.get(step.status.name, "failed")
        failure = failure or Failure.of(step.exception)
        self._journal.write(
            events.Step(
                scenario=self.id,
                keyword=step.keyword,
                text=step.name,
                line=step.line,
                doc_string=step.text or "",
                table=_table(step),
                status=outcome,
                ms=round(step.duration * 1000, 1),
                error=failure.words,
                brief=failure.brief,
                request_id=failure.request_id,
            )
        )

    def finished(self, error: Exception | None = None, failure: Failure | None = None) -> None:
        """The scenario has ended, with what went wrong then.

        Steps that no hook was called for are written first.
        """
        for step in self._scenario.all_steps:
            if id(step) not in self._recorded:
                self.step(step)
        is_interrupted = isinstance(self.failure, KeyboardInterrupt)
        status = self._status(error)
        harness = self._trouble_of_harness() if status == "failed" and not is_interrupted else ""
        failure = failure or Failure.of(error)
        told = in_words(error) if error and not harness else ""
        unproven = f"harness: {harness}" if harness else told if isinstance(error, NotProven) else ""
        self._journal.write(
            events.ScenarioFinished(
                id=self.id,
                status="not-proven" if harness else status,
                ms=round((time.monotonic() - self._began) * 1000, 1),
                reason=INTERRUPTED if is_interrupted else unproven or self._scenario.skip_reason or "",
                unrecovered="" if unproven else told,
                brief=failure.brief,
                request_id=failure.request_id,
                interrupted=is_interrupted,
                harness=bool(harness),
            )
        )

    def _trouble_of_harness(self) -> str:
        """Undefined is also what comes after a step that failed, and is no reason for that."""
        bad = ("failed", "error", "undefined")
        first = next((step for step in self._scenario.all_steps if step.status.name in bad), None)
        if first and first.status.name == "undefined":
            return f"no step is defined as: {first.keyword} {first.name}"
        return self._trouble(time.monotonic() - self._began)

    def _status(self, error: Exception | None) -> events.End:
        if isinstance(error, NotProven):
            return "not-proven"
        if self._scenario.hook_failed or error:
            return "failed"
        return ENDS.get(self._scenario.status.name, "failed")


def _rule(scenario: Scenario) -> str:
    parent = scenario.parent
    while parent is not None and type(parent).__name__ != "Rule":
        parent = getattr(parent, "parent", None)
    return "" if parent is None else str(parent.name)


def _row(scenario: Scenario) -> dict[str, str]:
    """The row of the examples that the scenario was made from, by its headings."""
    row = getattr(scenario, "_row", None)
    return {} if row is None else dict(row.as_dict())


def _table(step: Step) -> tuple[tuple[str, ...], ...]:
    return (tuple(step.table.headings), *(tuple(row.cells) for row in step.table.rows)) if step.table else ()
