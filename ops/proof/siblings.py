"""Runs of the same commit on other stacks, so that one report can say what holds where."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ops.evidence.acceptance import proofs
from ops.evidence.journal import read
from ops.evidence.runs import Run, runs
from ops.evidence.story import Story
from ops.evidence.teller import tell

LOOKED_AT = 20
"""How many of the newest runs are looked at."""


def tell_of(run: Run) -> None:
    """Write into the run's journal how each scenario ended in the newest whole run on each other stack.

    A tree with changes that are not committed has no siblings: nobody can say that it was the same one.
    """
    seen = {_facts(run)[1]}
    for other in islice(_older(run), LOOKED_AT):
        commit, stack = _facts(other)
        if commit == _facts(run)[0] and not commit.endswith("-dirty") and stack not in seen:
            story = tell(other.journal.path)
            if _is_whole(story):
                seen.add(stack)
                _write(run, other, story)


def _is_whole(story: Story) -> bool:
    """Only a run that was not asked for some tags, and is not of the smoke checklist, says what it left out."""
    return bool(story.left_out and story.scenarios and story.seconds is not None and not story.interrupted)


def _write(run: Run, other: Run, story: Story) -> None:
    results = {scenario.id: scenario.status for scenario in story.scenarios}
    about = {"began": story.began, "results": results, "proofs": proofs(story)}
    run.journal.write("sibling", run=other.id, stack=story.stack, **about)


def _older(run: Run) -> Iterator[Run]:
    return (other for other in runs(run.directory.parent.parent) if other.id != run.id)


def _facts(run: Run) -> tuple[str, str]:
    """The commit and the stack, as the journal's first line tells them."""
    first = next(read(run.journal.path), {"event": ""})
    known = first.get("versions")
    versions = known if isinstance(known, dict) else {}
    return str(versions.get("commit") or "-dirty"), str(first.get("stack") or "")
