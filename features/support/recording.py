"""Scenarios and steps as the journal keeps them, also those that behave tells its hooks nothing of."""

import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from features.support.answers import Answer
from features.support.request_ids import Place
from ops.api import Journal, OpsError, Run

ROOT = Path(__file__).resolve().parents[2]
OUTCOMES = {
    "passed": "passed",
    "skipped": "skipped",
    "untested": "skipped",
    "undefined": "undefined",
}


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
    line: int
    keyword: str
    feature: Any
    effective_tags: Iterable[str]
    parent: Any
    all_steps: Iterable[Step]
    status: Named
    skip_reason: str | None
    hook_failed: bool


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
        journal.write("setup-failed", phase=phase, message=f"{type(error).__name__}: {error}", log=[])
        raise


class Recording:
    """The journal's account of one scenario."""

    def __init__(self, run: Run, scenario: Scenario) -> None:
        self._run = run
        self._journal = run.journal
        self._scenario = scenario
        self._file = Path(scenario.filename).resolve().relative_to(ROOT).as_posix()
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
            "scenario-started",
            id=self.id,
            feature=scenario.feature.name,
            file=self._file,
            line=scenario.line,
            name=scenario.name,
            keyword=scenario.keyword,
            row=_row(scenario),
            about=list(scenario.feature.description),
            tags=sorted(scenario.effective_tags),
            rule=_rule(scenario),
        )

    def step(self, step: Step, judged: Answer | None = None) -> None:
        """A step has ended, in whatever way; `judged` is what was answered last, which is what a Then is about."""
        self._recorded.add(id(step))
        outcome = "failed" if step.hook_failed else OUTCOMES.get(step.status.name, "failed")
        self._journal.write(
            "step",
            scenario=self.id,
            keyword=step.keyword,
            text=step.name,
            line=step.line,
            docString=step.text,
            table=_table(step),
            status=outcome,
            ms=round(step.duration * 1000, 1),
            error=self._error(step, judged),
        )

    def finished(self, reason: str | None = None, *, not_proven: bool = False) -> None:
        """The scenario has ended; steps that no hook was called for are told first."""
        for step in self._scenario.all_steps:
            if id(step) not in self._recorded:
                self.step(step)
        self._journal.write(
            "scenario-finished",
            id=self.id,
            name=self._scenario.name,
            status="not-proven" if not_proven else self._status(reason),
            ms=round((time.monotonic() - self._began) * 1000, 1),
            reason=reason or self._interrupted() or self._scenario.skip_reason or None,
            attempt=1,
        )

    def _interrupted(self) -> str | None:
        """Ctrl-C says nothing about the shop."""
        return "interrupted" if isinstance(self.failure, KeyboardInterrupt) else None

    def _error(self, step: Step, judged: Answer | None) -> str | None:
        """Why it failed. A Then that names no request of the run has judged the last answer, and says so."""
        words = _words(step)
        is_named = not words or self._run.id in words
        return words if is_named or judged is None or not _has_judged(step) else f"{words}\n{judged}"

    def _status(self, reason: str | None) -> str:
        if self._scenario.hook_failed or reason:
            return "failed"
        name = self._scenario.status.name
        return name if name in ("passed", "skipped") else "failed"


def in_words(error: Exception) -> str:
    """What an error says that was meant to be read, else its kind as well."""
    if isinstance(error, AssertionError | OpsError):
        return str(error) or "an assertion without words"
    return f"{type(error).__name__}: {error}"


def _rule(scenario: Scenario) -> str | None:
    parent = scenario.parent
    while parent is not None and type(parent).__name__ != "Rule":
        parent = getattr(parent, "parent", None)
    return None if parent is None else str(parent.name)


def _row(scenario: Scenario) -> dict[str, str] | None:
    """The row of the examples that the scenario was made from, by its headings."""
    row = getattr(scenario, "_row", None)
    return None if row is None else dict(row.as_dict())


def _table(step: Step) -> list[list[str]] | None:
    return [list(step.table.headings), *(list(row.cells) for row in step.table.rows)] if step.table else None


def _has_judged(step: Step) -> bool:
    return step.step_type == "then" and isinstance(step.exception, AssertionError)


def _words(step: Step) -> str | None:
    error = step.exception
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if error is None or isinstance(error, AssertionError):
        return in_words(error) if error else None
    return "".join(traceback.format_exception(error))
