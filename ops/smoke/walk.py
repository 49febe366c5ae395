"""A walk through a checklist, step by step: what held, what came instead, and what could not be tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ops.evidence.masking import is_secret, mask_text
from ops.smoke.answer import Answer
from ops.smoke.expectation import filled
from ops.smoke.page import Page, Step
from ops.smoke.shell import Said, Shell

Status = Literal["held", "failed", "skipped"]
Begin: TypeAlias = Callable[[Step], None]
LONGEST = 4000
"""Characters kept of what came."""


@dataclass(frozen=True)
class Result:
    """How a step ended; `why` says what did not hold, or why it was not tried, `came` is what it printed.

    Secrets are masked in both.
    """

    step: Step
    status: Status
    why: tuple[str, ...] = ()
    came: str = ""
    request_id: str = ""
    seconds: float = 0.0


def unheard(step: Step) -> None:
    """Nobody is told."""


@dataclass
class Walk:
    """Through a page, in a shell, on a stack with these capabilities; `begin` hears of each step before it is tried."""

    page: Page
    shell: Shell
    capabilities: Set[str]
    begin: Begin = unheard
    _ends: dict[int, Status] = field(default_factory=dict)

    def results(self) -> Iterator[Result]:
        """Each step's, as soon as it has ended."""
        self.shell.run(self.page.preparation.text)
        for step in self.page.steps:
            self.begin(step)
            result = self._missing_capability(step) or self._missing_variable(step) or self._tried(step)
            self._ends[step.line] = result.status
            yield result

    def _missing_capability(self, step: Step) -> Result | None:
        if not step.needs or step.needs in self.capabilities:
            return None
        return Result(step, "skipped", (f"the stack has no {step.needs}",))

    def _missing_variable(self, step: Step) -> Result | None:
        for name in step.script.uses:
            if name not in step.script.sets and not self.shell.variables.get(name):
                return self._without(step, name)
        return None

    def _without(self, step: Step, name: str) -> Result:
        setter = self.page.setter(name)
        words = f"it needs ${name}, which {f'“{setter.title}”' if setter else 'the preparation'} did not set"
        skipped = setter is not None and self._ends.get(setter.line) == "skipped"
        return Result(step, "skipped" if skipped else "failed", (words,))

    def _tried(self, step: Step) -> Result:
        said = self.shell.run(step.script.text)
        why = [self._masked(words) for words in self._broken(step, said)]
        came = self._masked((said.output + said.errors).strip())
        request_id = self._masked(self._request_id(step) or "")
        return Result(step, "failed" if why else "held", tuple(why), came[:LONGEST], request_id, said.seconds)

    def _broken(self, step: Step, said: Said) -> Iterator[str]:
        answer = Answer.found_in(said.output)
        if not said.ended:
            yield f"it was ended after {said.seconds:.0f} s"
        elif answer is None:
            yield "nothing was answered"
        else:
            yield from step.expected.differences(answer, self.shell.variables, self._request_id(step))
            unset = [name for name in sorted(step.script.sets) if not self.shell.variables.get(name)]
            yield from (f"it did not set ${name}" for name in unset)

    def _request_id(self, step: Step) -> str | None:
        written = step.script.request_id
        return filled(written, self.shell.variables) if written else None

    def _masked(self, text: str) -> str:
        for name, value in self.shell.variables.items():
            if value and is_secret(name):
                text = text.replace(value, "***")
        return mask_text(text)
