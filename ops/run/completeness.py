"""Whether each scenario that was to run did, once, and whether somebody has told why a run failed."""

from __future__ import annotations

from collections.abc import Sequence

from ops.errors import SuiteBroken
from ops.journal.record import Record
from ops.run.selection import Planned
from ops.run.workers import Worker

BAD = ("failed", "not-proven")
NAMED = 5
"""Scenarios that are named where some did not run."""


def unaccounted(ended: Sequence[Worker], record: Record, planned: Sequence[Planned] | None) -> str:
    """What no scenario of the record and no failed set-up tells of, in a sentence; empty when all is told."""
    lost = "" if planned is None else _lost(record, planned)
    if dead := [f"{worker.name} ended with exit code {worker.code}" for worker in ended if worker.is_dead]:
        return "; ".join([*dead, lost] if lost else dead)
    if record.setup_failures:
        return ""
    if lost:
        return lost
    ends = (one.end for scenario in record.scenarios for one in scenario.tries)
    is_explained = not any(worker.code for worker in ended) or any(end and end.status in BAD for end in ends)
    return "" if is_explained else "behave ended with exit code 1 and no failed scenario"


def failure(ended: Sequence[Worker], why: str) -> SuiteBroken:
    """It, with the last words of the worker that ended worst."""
    return SuiteBroken(why, max(ended, key=lambda worker: (worker.is_dead, worker.code)).last_words())


def _lost(record: Record, planned: Sequence[Planned]) -> str:
    once = {one.id for one in record.scenarios if [each.end is not None for each in one.tries] == [True]}
    lost = [one.id for one in planned if one.id not in once]
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    return f"did not run once: {', '.join(lost[:NAMED])}{more}" if lost else ""
