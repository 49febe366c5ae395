"""Service faults: what can be done to a part of a stack, and how it looks then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ops.errors import StackNotReady
from ops.faults import on_links
from ops.faults.catalogue import KINDS, SERVICE, names
from ops.faults.fault import Expectation, Fault
from ops.faults.recovery import Probe
from ops.stacks.model import Stack
from ops.stacks.parts import Observation, Part, Parts
from ops.stacks.probes import is_served


@dataclass(frozen=True)
class Kind:
    """What is done to a part, which gives the one that took its place if one did, and how it looks meanwhile."""

    action: Callable[[Parts, Part], Part | None]
    expected: Expectation


def _restart(parts: Parts, part: Part) -> None:
    parts.stop(part)
    parts.start(part)


ACTIONS: Mapping[str, Kind] = {
    "stopped": Kind(lambda parts, part: parts.stop(part), Expectation("stopped", "run")),
    "killed": Kind(lambda parts, part: parts.kill(part), Expectation("stopped", "run")),
    "paused": Kind(lambda parts, part: parts.pause(part), Expectation("paused")),
    "restarted": Kind(_restart, Expectation("running", "run")),
    "recreated": Kind(lambda parts, part: parts.recreate(part), Expectation("running", "body")),
}


class ServiceFault(Fault):
    """One service fault; the part is back once it says that it is ready and `good` (default: its route) holds.

    `settle` is called once it is done, and returns when the part's callers meet it as it is now.
    """

    def __init__(
        self,
        parts: Parts,
        part: Part,
        kind: str,
        url: str,
        good: Probe | None = None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(kind, str(part), ACTIONS[kind].expected)
        self._settle = settle
        self.part = part
        self._parts = parts
        self._good = good or (lambda: is_served(url, part.service))

    def observed(self) -> Observation:
        return self._parts.see(self.part)

    def mend(self) -> bool:
        state = self.observed().state
        if state == "paused":
            self._parts.resume(self.part)
        elif state != "running":
            self._parts.start(self.part)
        return state != "running"

    def is_back(self) -> bool:
        return self._parts.answers(self.part) and self._good()

    def has_ended(self) -> bool:
        return self.observed().state in ("stopped", "absent")

    def last_lines(self) -> list[str]:
        return self._parts.last_lines(self.part)

    def _damage(self) -> None:
        self.part = ACTIONS[self.kind].action(self._parts, self.part) or self.part
        self._settle()


def break_service(stack: Stack, kind: str, target: str, good: Probe | None = None) -> ServiceFault:
    """A fault on a service or a replica of it, to be used as a `with` block (`kill`, `pause`, `recreate`).

    `kind` is stopped, killed, paused, restarted or recreated; `target` is `cart` or `cart.2`; `good` says when the
    customers are served again (default: when it answers through the gateway). Raises StackNotReady, WrongUsage.
    """
    if kind not in names(SERVICE) or KINDS[kind].capability not in stack.capabilities:
        raise StackNotReady(f"stack {stack.name} knows no {kind!r}")
    parts = stack.parts
    part = Part.parse(target, parts.all())
    return ServiceFault(parts, part, kind, stack.base_url, good, partial(on_links.settle, stack))
