"""What the page tells of a run as a whole, gathered from its scenarios."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ops.evidence.scenario import Fault, Request, Scenario
from ops.evidence.story import Story

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


def fault_summaries(story: Story) -> list[FaultSummary]:
    """One for each kind and target, by target."""
    found: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in story.faults:
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


def slowest_scenarios(story: Story) -> list[tuple[Scenario, float]]:
    """With the milliseconds of all their tries."""
    timed = [(scenario, sum(one.ms for one in scenario.tries)) for scenario in story.scenarios]
    return sorted((one for one in timed if one[1]), key=lambda one: -one[1])[:SLOWEST]


def slowest_requests(story: Story) -> list[Request]:
    """Whatever became of them."""
    asked = [request for scenario in story.scenarios for one in scenario.tries for request in one.requests]
    return sorted(asked, key=lambda request: -request.ms)[:SLOWEST]


def skipped(story: Story) -> dict[str, list[Scenario]]:
    """The skipped scenarios by the reason."""
    found: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in story.of_status("skipped"):
        found[scenario.reason or "no reason was given"].append(scenario)
    return dict(found)


def broken(story: Story) -> list[Scenario]:
    """What somebody has to look at, the worst first."""
    return [*story.of_status("failed"), *story.of_status("not-proven"), *story.of_status("flaky")]


def count_of_requests(story: Story) -> int:
    """All that the journal holds."""
    return sum(len(one.requests) for scenario in story.scenarios for one in scenario.tries)


def statuses(scenarios: Sequence[Scenario]) -> Counter[str]:
    """How many ended how."""
    return Counter(scenario.status for scenario in scenarios)
