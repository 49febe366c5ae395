"""What customers did, read from the events of a history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ops.evidence.journal import Event, time_of_day
from ops.history.answers import Verdict


@dataclass(frozen=True)
class Operation:
    """One wish for one order, sent once or, `keyed` (with an Idempotency-Key), until it is settled.

    `acknowledged` are the different order IDs that its answers named, `unknowns` counts the answers that left it open,
    `attempts` all of them. `acknowledged_at` is when the last acknowledgement came.
    """

    id: str
    customer: str
    product: str
    keyed: bool = False
    acknowledged: tuple[str, ...] = ()
    acknowledged_at: str = ""
    unknowns: int = 0
    attempts: int = 0
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
        verdict, why, attempts = event["event"], str(event.get("why", "")), self.attempts + 1
        if verdict == "ok":
            orders = tuple(dict.fromkeys((*self.acknowledged, str(event["order"]))))
            return replace(
                self, acknowledged=orders, acknowledged_at=time_of_day(str(event["ts"])), attempts=attempts, last="ok"
            )
        if verdict == "failed":
            return replace(self, attempts=attempts, last="failed", why=why)
        return replace(self, unknowns=self.unknowns + 1, attempts=attempts, last="unknown", why=why)


def request_id(operation: str, attempt: int | str, run: str) -> str:
    """Of the attempt, from 1, or with `*` a glob for all; it ends in its run, as all request IDs of a run do."""
    return f"{operation}.{attempt}-{run}"


def operation_of(request_id: str, run: str) -> str:
    """The other way round; empty for the ID of something else."""
    return request_id.removesuffix(f"-{run}").rpartition(".")[0]


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
