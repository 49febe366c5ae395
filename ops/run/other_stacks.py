"""Runs of the same commit on other stacks, so that one report can say what holds where."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ops.journal.events import RunStarted, Sibling
from ops.journal.journal import UnknownSchema, read
from ops.journal.record import Record
from ops.journal.runs import Run, runs
from ops.report.acceptance import proofs
from ops.run.versions import UNKNOWN

LOOKED_AT = 20
"""How many of the newest runs are looked at."""


def record_siblings(run: Run) -> None:
    """Write into the run's journal how each scenario ended in the newest whole run on each other stack.

    A tree with changes that are not committed, or of no known commit, has no siblings: nobody can say that it was the
    same one.
    """
    commit, own = _facts(run)
    if commit == UNKNOWN or commit.endswith("-dirty"):
        return
    seen = {own}
    for other in islice(_older(run), LOOKED_AT):
        theirs, stack = _facts(other)
        if theirs == commit and stack not in seen and _is_whole(other.record):
            seen.add(stack)
            run.journal.write(_sibling(other))


def _is_whole(record: Record) -> bool:
    """Only a run that was not asked for some tags, and is not of the smoke checklist, says what it left out."""
    start, end = record.start, record.end
    return bool(start and start.left_out and record.scenarios and end and not end.interrupted)


def _sibling(other: Run) -> Sibling:
    told = other.record
    assert told.start  # noqa: S101  # it is whole
    results = {scenario.id: scenario.status for scenario in told.scenarios}
    return Sibling(run=other.id, stack=told.stack, began=told.start.ts, results=results, proofs=proofs(told))


def _older(run: Run) -> Iterator[Run]:
    return (other for other in runs(run.directory.parent.parent) if other.id != run.id)


def _facts(run: Run) -> tuple[str, str]:
    """The commit and the stack, as the journal's first line tells them."""
    try:
        first = next(read(run.journal.path), None)
    except UnknownSchema:
        first = None
    return (first.versions.get("commit", UNKNOWN), first.stack) if isinstance(first, RunStarted) else (UNKNOWN, "")
