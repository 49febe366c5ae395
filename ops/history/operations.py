"""What customers did, read from the events of a history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ops.evidence.journal import Event
from ops.history.answers import Verdict


@dataclass(frozen=True)
class Operation:
    """One wish for one order, sent once or, `keyed` (with an Idempotency-Key), until it is settled.

    `acknowledged` are the different order IDs that its answers named, `unknowns` counts the answers that left it open.
    """

    id: str
    customer: str
    product: str
    keyed: bool = False
    acknowledged: tuple[str, ...] = ()
    unknowns: int = 0
    last: Verdict = "unknown"
    why: str = ""

    @property
    def verdict(self) -> Verdict:
        """All answers taken together; one that was never answered is unknown."""
        if self.acknowledged:
            return "ok"
        return "failed" if self.last == "failed" and not self.unknowns else "unknown"

    @property
    def settled(self) -> bool:
        """The last answer agrees with all of them."""
        return self.last == self.verdict != "unknown"

    def answered(self, event: Event) -> Operation:
        """The same with one more answer."""
        verdict, why = event["event"], str(event.get("why", ""))
        if verdict == "ok":
            orders = dict.fromkeys((*self.acknowledged, str(event["order"])))
            return replace(self, acknowledged=tuple(orders), last="ok")
        if verdict == "failed":
            return replace(self, last="failed", why=why)
        return replace(self, unknowns=self.unknowns + 1, last="unknown", why=why)


def request_id(operation: str, attempt: int | str, run: str) -> str:
    """Of the attempt, from 1, or of all of them for `*`; it ends in its run, as all request IDs of a run do."""
    return f"{operation}.{attempt}-{run}"


def operations(events: Iterable[Event]) -> list[Operation]:
    """All operations of a history, in the order in which they were invoked; events of other kinds are passed over."""
    found: dict[str, Operation] = {}
    for event in events:
        name = str(event.get("operation"))
        match event["event"]:
            case "invoked":
                customer, product = str(event["customer"]), str(event["product"])
                found[name] = Operation(name, customer, product, bool(event["keyed"]))
            case "ok" | "failed" | "unknown":
                found[name] = found[name].answered(event)
    return list(found.values())
