"""Whether each scenario that was to run did, once, and whether somebody has told why a run failed."""

from __future__ import annotations

from collections.abc import Sequence

from ops.errors import SuiteBroken
from ops.evidence.journal import Event
from ops.proof.lanes import Lane
from ops.proof.selection import Planned

BAD = ("failed", "not-proven")
NAMED = 5
"""Scenarios that are named where some did not run."""


def unaccounted(ended: Sequence[Lane], events: Sequence[Event], planned: Sequence[Planned] | None) -> str:
    """What no scenario of the journal and no failed set-up tells of, in a sentence; empty when all is told."""
    told = any(event["event"] == "setup-failed" for event in events)
    lost = "" if planned is None else _lost(events, planned)
    if dead := [f"{lane.name} ended with exit code {lane.code}" for lane in ended if lane.is_dead]:
        return "; ".join([*dead, lost] if lost else dead)
    if told:
        return ""
    if lost:
        return lost
    failed = any(event.get("status") in BAD for event in events)
    return (
        "" if failed or not any(lane.code for lane in ended) else "behave ended with exit code 1 and no failed scenario"
    )


def failure(ended: Sequence[Lane], why: str) -> SuiteBroken:
    """It, with the last words of the lane that ended worst."""
    return SuiteBroken(why, max(ended, key=lambda lane: (lane.is_dead, lane.code)).last_words())


def _lost(events: Sequence[Event], planned: Sequence[Planned]) -> str:
    finished = [str(event["id"]) for event in events if event["event"] == "scenario-finished"]
    lost = [one.id for one in planned if finished.count(one.id) != 1]
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    return f"did not run once: {', '.join(lost[:NAMED])}{more}" if lost else ""
