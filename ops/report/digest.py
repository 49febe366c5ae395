"""What the page tells of a run as a whole, gathered from its scenarios."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ops.journal.events import Fault, Request
from ops.journal.record import Record
from ops.journal.scenario import Scenario

SLOWEST: Final = 8


@dataclass(frozen=True)
class FaultSummary:
    """All faults of one kind on one target; times in milliseconds, None where nothing was measured."""

    kind: str
    target: str
    count: int
    confirmed: int
    held_ms: float
    recovery_ms: float | None
    longest_recovery_ms: float | None


def fault_summaries(record: Record) -> list[FaultSummary]:
    """One for each kind and target, by target."""
    found: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in record.faults:
        found[fault.target, fault.kind].append(fault)
    return [_summary(kind, target, faults) for (target, kind), faults in sorted(found.items())]


def _summary(kind: str, target: str, faults: Sequence[Fault]) -> FaultSummary:
    times = [fault.recovery_ms for fault in faults if fault.recovery_ms is not None]
    return FaultSummary(
        kind,
        target,
        len(faults),
        sum(fault.state == "confirmed" for fault in faults),
        statistics.median(fault.ms for fault in faults),
        statistics.median(times) if times else None,
        max(times, default=None),
    )


def slowest_scenarios(record: Record) -> list[Scenario]:
    """By the time of all their tries."""
    return sorted((one for one in record.scenarios if one.ms), key=lambda one: -one.ms)[:SLOWEST]


def slowest_requests(record: Record) -> list[Request]:
    """Whatever became of them."""
    asked = (request for scenario in record.scenarios for request in scenario.requests)
    return sorted(asked, key=lambda request: -request.ms)[:SLOWEST]


def skipped(record: Record) -> dict[str, list[Scenario]]:
    """The skipped scenarios by the reason."""
    found: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in record.of_status("skipped"):
        found[scenario.reason or "no reason was given"].append(scenario)
    return dict(found)


def broken(record: Record) -> list[Scenario]:
    """What somebody has to look at, the worst first."""
    return record.of_status("failed", "not-proven", "flaky")


def count_of_requests(record: Record) -> int:
    """All that the journal holds."""
    return sum(len(scenario.requests) for scenario in record.scenarios)


def statuses(scenarios: Sequence[Scenario]) -> Counter[str]:
    """How many ended how."""
    return Counter(scenario.status for scenario in scenarios)
