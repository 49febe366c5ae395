"""One link fault as a `with` block: undone in any case, and proven to have taken effect."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias

from ops.faults.catalogue import KINDS
from ops.faults.errors import FaultError, NotProven
from ops.faults.proxy.attempts import Attempt
from ops.faults.proxy.control_client import Control, attempts

State: TypeAlias = Literal["confirmed", "mismatch", "inconclusive"]
_COMMON: Final = frozenset({"kind", "link", "times", "requestIds", "paths", "seconds"})


class LinkFault:
    """One fault, in force from entering to leaving the `with` block; what it did can still be asked afterwards."""

    def __init__(self, control: Control, order: Mapping[str, Any]) -> None:
        self._control = control
        self._order = order
        self._fault: dict[str, Any] | None = None
        self._began = 0.0
        self._ms: float | None = None

    def __enter__(self) -> Self:
        """Raises OrderRefused or ProxyUnreachable."""
        self._fault = self._control.call("POST", "/faults", self._order)
        self._began, self._ms = time.monotonic(), None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Undo the fault. Raises NotProven if it was never seen to take effect and no other exception is under way."""
        asked = self._entered()
        self._ms = (time.monotonic() - self._began) * 1000
        try:
            self._fault = self._control.call("DELETE", f"/faults/{asked['id']}")
        except FaultError:
            self._fault = asked | {"took": None}
        if error is None and not self._fault["took"]:
            raise NotProven(self.detail)

    def attempts(self) -> list[Attempt]:
        """The requests since the fault began that it was meant for: those it met and those it let through."""
        asked = self._entered()
        return attempts(self._control, asked["link"], asked["requestIds"], asked["paths"], asked["since"])

    def confirmed(self) -> bool:
        """Whether it took effect as often as asked (if asked for every time: at least once, and it never missed)."""
        return self.state == "confirmed"

    @property
    def fired(self) -> int | None:
        """How often it took effect so far; None if the proxy knows nothing of it."""
        fault = self._now()
        return None if fault is None else int(fault["took"])

    @property
    def state(self) -> State:
        """`mismatch`: it took effect less often than asked.

        `inconclusive`: the proxy knows nothing of it, or it (or a request that it met) ended before the effect showed.
        """
        return _judge(self._now(), self._order["times"])

    @property
    def detail(self) -> str:
        """In words: what was asked, how often it took effect, and for how long requests were kept waiting."""
        settings = [f"{name}={value}" for name, value in self._order.items() if name not in _COMMON]
        what = " ".join([self._order["kind"], *settings, "on", self._order["link"]])
        times = self._order["times"]
        asked = "every time" if times is None else how_often(times)
        return f"{what}: asked for {asked}, {_told(self._now())}"

    def evidence(self) -> dict[str, object]:
        """The fields of the journal's `fault` event, save the scenario."""
        return {
            "kind": self._order["kind"],
            "target": self._order["link"],
            "state": self.state,
            "ms": None if self._ms is None else round(self._ms, 1),
            "detail": self.detail,
        }

    def _entered(self) -> dict[str, Any]:
        if self._fault is None:
            raise RuntimeError("a fault is in force only inside its `with` block")
        return self._fault

    def _now(self) -> dict[str, Any] | None:
        """The fault as the proxy knows it, or knew it when it was undone."""
        known = self._fault
        if known is not None and self._ms is None:
            faults = self._control.call("GET", "/faults")["faults"]
            known = next((fault for fault in faults if fault["id"] == self._entered()["id"]), None)
        return None if known is None or known["took"] is None else known


def _judge(fault: Mapping[str, Any] | None, times: int | None) -> State:
    if fault is None:
        return "inconclusive"
    if fault["took"] >= (times or 1):
        return "mismatch" if times is None and fault["missed"] else "confirmed"
    return "inconclusive" if fault["fired"] - fault["missed"] >= (times or 1) else "mismatch"


def _told(fault: Mapping[str, Any] | None) -> str:
    if fault is None:
        return "the proxy lost it"
    if takes_link(fault):
        return refused(fault)
    unseen = fault["fired"] - fault["took"] - fault["missed"]
    parts = [f"took effect {how_often(fault['took'])}"]
    if fault["others"] and not fault["fired"] and fault["requestIds"] != "*":
        caller = fault["link"].partition(":")[0]
        parts += [f"{fault['others']} requests came without the scenario's X-Request-ID: does {caller} pass it on?"]
    parts += [f"missed {how_often(fault['missed'])}"] if fault["missed"] else []
    parts += [f"ended {how_often(unseen)} before it showed"] if unseen else []
    parts += [f"kept waiting for at least {fault['heldMs']:.0f} ms"] if fault["heldMs"] else []
    return ", ".join(parts)


def takes_link(fault: Mapping[str, Any]) -> bool:
    """Whether no request even comes in, so that nobody counts who is turned away: it is only tried out."""
    whole = {"times": None, "requestIds": "*", "paths": "*"}
    return KINDS[fault["kind"]].takes_link is not None and all(fault[name] == value for name, value in whole.items())


def refused(fault: Mapping[str, Any]) -> str:
    """What was seen when a link that takes no requests was tried out."""
    what = KINDS[fault["kind"]].takes_link
    seen = f"seen to {what}" if fault["took"] else f"never seen to {what}"
    return f"{seen}, and to take them again before its end" if fault["took"] and fault["missed"] else seen


def how_often(count: int) -> str:
    """In words."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
