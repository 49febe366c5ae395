"""Service faults as `with` blocks: undone in any case, proven by how the part was before, meanwhile and afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, TypeAlias

import requests

from ops.errors import StackNotReady, WrongUsage
from ops.faults.errors import NotProven
from ops.stacks.parts import Part, Parts, ServiceState, Sight
from ops.stacks.topology import ROUTES

Verdict: TypeAlias = Literal["confirmed", "mismatch", "inconclusive"]
Probe: TypeAlias = Callable[[], bool]
WITHIN = 30.0
"""Seconds until which a part must be back."""


@dataclass(frozen=True)
class Kind:
    """What is done to a part, how it looks meanwhile, and what of it is another one afterwards."""

    capability: str
    deed: Callable[[Parts, Part], Part]
    state: ServiceState
    renewed: Literal["run", "body", None] = None

    @property
    def passes(self) -> bool:
        """True for a fault that is over as soon as it is done."""
        return self.state == "running"


def _stop(parts: Parts, part: Part) -> Part:
    parts.stop(part)
    return part


def _kill(parts: Parts, part: Part) -> Part:
    parts.kill(part)
    return part


def _pause(parts: Parts, part: Part) -> Part:
    parts.pause(part)
    return part


def _restart(parts: Parts, part: Part) -> Part:
    parts.stop(part)
    parts.start(part)
    return part


KINDS: Mapping[str, Kind] = {
    "stopped": Kind("kill", _stop, "stopped", "run"),
    "killed": Kind("kill", _kill, "stopped", "run"),
    "paused": Kind("pause", _pause, "paused"),
    "restarted": Kind("kill", _restart, "running", "run"),
    "recreated": Kind("recreate", lambda parts, part: parts.recreate(part), "running", "body"),
}


def mend(parts: Parts, part: Part) -> bool:
    """Let a part run that does not; True when there was something to do."""
    state = parts.see(part).state
    if state == "paused":
        parts.resume(part)
    elif state != "running":
        parts.start(part)
    return state != "running"


def is_back(parts: Parts, part: Part, url: str, good: Probe | None = None) -> Probe:
    """True once the part says that it is ready and `good` (default: its route through the gateway) holds."""
    through = good or (lambda: _route_answers(url, part.service))
    return lambda: parts.answers(part) and through()


def _route_answers(url: str, service: str) -> bool:
    path, status = ROUTES[service]
    try:
        return requests.get(url + path, timeout=2).status_code == status
    except requests.RequestException:
        return False


class Recovery(threading.Thread):
    """From its start on asks without a pause worth the name; `ms` until the first good answer, None without one."""

    def __init__(self, probe: Probe, within: float = WITHIN) -> None:
        super().__init__(daemon=True)
        self._probe = probe
        self._within = within
        self._began = time.monotonic()
        self.ms: float | None = None

    def run(self) -> None:
        while self._seconds() < self._within:
            if self._probe():
                self.ms = round(self._seconds() * 1000, 1)
                return
            time.sleep(0.02)

    def _seconds(self) -> float:
        return time.monotonic() - self._began


class Broken:
    """One service fault, in force while the `with` block runs, or over at once (`restarted`, `recreated`).

    `recovery_ms` is the time from the fault's end to the first time that the part is ready and the probe holds.
    """

    def __init__(self, parts: Parts, part: Part, kind: str, url: str, good: Probe | None = None) -> None:
        self.kind, self.part = kind, part
        self._target = str(part)
        self._parts, self._url, self._good = parts, url, good
        self._what = KINDS[kind]
        self._before: Sight | None = None
        self._seen: list[Sight] = []
        self._after: Sight | None = None
        self._began = 0.0
        self._ms: float | None = None
        self._recovery: Recovery | None = None

    def __enter__(self) -> Self:
        """Raises WrongUsage for a part that does not run, NotProven when the fault does not show; then it is undone."""
        self._before = self.check()
        self._began = time.monotonic()
        try:
            self._break()
        except BaseException:
            self._restore()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Restore and wait until it is back. Raises NotProven, StackNotReady unless another exception is under way."""
        self._look()
        self._restore()
        if error is not None:
            return
        if self.recovery_ms is None:
            raise StackNotReady(f"{self.part} is not back {WITHIN:.0f} s after it was {self.kind}")
        if not self.confirmed():
            raise NotProven(self.detail)

    def check(self) -> Sight:
        """How the part is before. Raises WrongUsage when it does not run: then there is nothing to break."""
        seen = self._parts.see(self.part)
        if seen.state != "running":
            raise WrongUsage(f"{self.part} is {seen.state} already; python3 -m ops fault clear restores it")
        return seen

    def confirmed(self) -> bool:
        """Whether it was seen to be in force at its beginning and at its end, and undone afterwards."""
        return self.state == "confirmed"

    @property
    def state(self) -> Verdict:
        """`mismatch`: it was seen otherwise; `inconclusive`: nobody has looked yet, or the part is not back."""
        if self._before is None or not self._seen:
            return "inconclusive"
        if not all(map(self._shows, self._seen)):
            return "mismatch"
        if self._after is not None and (self._after.state != "running" or not self._is_renewed(self._after)):
            return "inconclusive"
        return "confirmed"

    @property
    def detail(self) -> str:
        """In words."""
        ways = [sight.state for sight in (self._before, *self._seen, self._after) if sight]
        back = f", back after {self.recovery_ms:.0f} ms" if self.recovery_ms is not None else ""
        return f"{self._target} {self.kind}: seen {' → '.join(ways) or 'by nobody'}{back}"

    @property
    def recovery_ms(self) -> float | None:
        """None while it is not back."""
        return self._recovery.ms if self._recovery else None

    def evidence(self) -> dict[str, object]:
        """The fields of the journal's `fault` event, save the scenario."""
        fields: dict[str, object] = {"kind": self.kind, "target": self._target, "state": self.state, "ms": self._ms}
        back = {} if self.recovery_ms is None else {"recoveryMs": self.recovery_ms}
        return fields | {"detail": self.detail} | back

    def _break(self) -> None:
        self.part = self._what.deed(self._parts, self.part)
        if self._what.passes:
            self._recover()
        self._look()
        if not self._shows(self._seen[-1]):
            raise NotProven(f"{self._target} is {self._seen[-1].state} although it was {self.kind}")

    def _look(self) -> None:
        self._seen.append(self._parts.see(self.part))

    def _shows(self, sight: Sight) -> bool:
        return sight.state == self._what.state and (not self._what.passes or self._is_renewed(sight))

    def _is_renewed(self, sight: Sight) -> bool:
        """Another run, or body, than before where the kind says so, else the same."""
        before = self._before or sight
        if self._what.renewed == "body":
            return sight.body != before.body
        return (sight.run != before.run) == (self._what.renewed == "run")

    def _restore(self) -> None:
        mend(self._parts, self.part)
        self._ms = round((time.monotonic() - self._began) * 1000, 1)
        recovery = self._recovery or self._recover()
        recovery.join()
        self._after = self._parts.see(self.part)

    def _recover(self) -> Recovery:
        self._recovery = Recovery(is_back(self._parts, self.part, self._url, self._good))
        self._recovery.start()
        return self._recovery
