"""A fault on something of a stack as a `with` block: undone in any case, proven by how that looked at each step."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, TypeAlias

from ops.errors import StackNotReady, WrongUsage
from ops.faults.errors import NotProven
from ops.faults.recovery import WITHIN, Recovery
from ops.interruption import postponed
from ops.stacks.parts import Observation, ServiceState

Verdict: TypeAlias = Literal["confirmed", "mismatch", "inconclusive"]


@dataclass(frozen=True)
class Expectation:
    """Expected state during the fault, and which identity (process, container) must change."""

    state: ServiceState
    renewed: Literal["run", "body", None] = None

    @property
    def passes(self) -> bool:
        """True for a fault that is over as soon as it is done."""
        return self.state == "running"

    def fits(self, observed: Observation, before: Observation) -> bool:
        """Whether that is how it looks while the fault is in force."""
        return observed.state == self.state and (not self.passes or self.is_renewed(observed, before))

    def is_renewed(self, observed: Observation, before: Observation) -> bool:
        """Another run, or body, than before where it has to be, else the same."""
        if self.renewed == "body":
            return observed.body != before.body
        return (observed.run != before.run) == (self.renewed == "run")


class Fault(ABC):
    """One fault, in force while the `with` block runs, or over at once if it passes by itself.

    `recovery_ms` is the time from the fault's end to the first time that all is as it was.
    """

    def __init__(self, kind: str, target: str, expected: Expectation) -> None:
        self.kind, self.target = kind, target
        self._expected = expected
        self._before: Observation | None = None
        self._seen: list[Observation] = []
        self._after: Observation | None = None
        self._began = 0.0
        self._ms: float | None = None
        self._recovery: Recovery | None = None

    @property
    def passes(self) -> bool:
        """True for a fault that is over as soon as it is done."""
        return self._expected.passes

    @abstractmethod
    def observed(self) -> Observation:
        """How it is now."""

    @abstractmethod
    def mend(self) -> bool:
        """Undo what was done; False when there is nothing to undo."""

    @abstractmethod
    def is_back(self) -> bool:
        """True once all is as it was."""

    def has_ended(self) -> bool:
        """True when it does not run although it was started, so that there is nothing to wait for."""
        return False

    def last_lines(self) -> list[str]:
        """The end of what it wrote."""
        return []

    def __enter__(self) -> Self:
        """Raises WrongUsage for what does not run, NotProven when the fault does not show; then it is undone."""
        self._before = self.check()
        self._began = time.monotonic()
        try:
            self._break(self._before)
        except BaseException:
            self._restore()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Restore and wait until it is back. Raises NotProven, StackNotReady unless another exception is under way."""
        try:
            self._seen.append(self.observed())
        finally:
            self._restore()
        if error is not None:
            return
        self.require_back()
        if not self.confirmed():
            raise NotProven(self.detail)

    def check(self) -> Observation:
        """How it is before. Raises WrongUsage when it does not run: then there is nothing to break."""
        seen = self.observed()
        if seen.state != "running":
            raise WrongUsage(f"{self.target} is {seen.state} already")
        return seen

    def require_back(self) -> None:
        """Raises StackNotReady, with its last line, when it did not come back."""
        if self.recovery_ms is None:
            raise self._lost()

    def confirmed(self) -> bool:
        """Whether it was seen to be in force at its beginning and at its end, and undone afterwards."""
        return self.state == "confirmed"

    @property
    def state(self) -> Verdict:
        """`mismatch`: it was seen otherwise; `inconclusive`: nobody has looked yet, or it is not back."""
        before, after = self._before, self._after
        if before is None or not self._seen:
            return "inconclusive"
        if not all(self._expected.fits(seen, before) for seen in self._seen):
            return "mismatch"
        if after is not None and (after.state != "running" or not self._expected.is_renewed(after, before)):
            return "inconclusive"
        return "confirmed"

    @property
    def detail(self) -> str:
        """In words."""
        ways = [observed.state for observed in (self._before, *self._seen, self._after) if observed]
        back = f", back after {self.recovery_ms:.0f} ms" if self.recovery_ms is not None else ""
        return f"{self.target} {self.kind}: seen {' → '.join(ways) or 'by nobody'}{back}"

    @property
    def recovery_ms(self) -> float | None:
        """None while it is not back."""
        return self._recovery.ms if self._recovery else None

    def evidence(self) -> dict[str, object]:
        """The fields of the journal's `fault` event, save the scenario."""
        fields: dict[str, object] = {"kind": self.kind, "target": self.target, "state": self.state, "ms": self._ms}
        back = {} if self.recovery_ms is None else {"recoveryMs": self.recovery_ms}
        return fields | {"detail": self.detail} | back

    @abstractmethod
    def _damage(self) -> None:
        """Break it."""

    def _break(self, before: Observation) -> None:
        with postponed():
            self._damage()
        if self._expected.passes:
            self._recover()
        self._seen.append(self.observed())
        if not self._expected.fits(self._seen[-1], before):
            raise NotProven(f"{self.target} is {self._seen[-1].state} although it was {self.kind}")

    def _restore(self) -> None:
        self.mend()
        self._ms = round((time.monotonic() - self._began) * 1000, 1)
        recovery = self._recovery or self._recover()
        recovery.join()
        self._after = self.observed()

    def _recover(self) -> Recovery:
        self._recovery = Recovery(self.is_back, ended=self.has_ended)
        self._recovery.start()
        return self._recovery

    def _lost(self) -> StackNotReady:
        lines = self.last_lines()
        gave_up = self._recovery is not None and self._recovery.gave_up
        what = "ended again when it was started" if gave_up else f"is not back after {WITHIN:.0f} s"
        last = f"; its last line: {lines[-1]}" if lines else ""
        return StackNotReady(f"{self.target} was {self.kind} and {what}{last}", lines)
