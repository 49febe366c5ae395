"""Old runs are removed: never one that goes on, never anything that is no run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ops.archive.listing import Entry
from ops.errors import OpsError
from ops.evidence.runs import hold


@dataclass(frozen=True)
class Rule:
    """What is kept: the newest `keep` runs, and what is younger than `age`; what is left out keeps nothing."""

    keep: int | None = None
    age: timedelta | None = None

    def old(self, found: list[Entry], now: datetime) -> list[Entry]:
        """Of all runs, newest first, those that may go."""
        beyond = found[self.keep or 0 :]
        return [entry for entry in beyond if self.age is None or now - entry.began > self.age]


@dataclass(frozen=True)
class Pruned:
    """What was, or would be, removed; `going_on` are old too, but not over."""

    removed: list[Entry]
    going_on: list[Entry]
    kept: int
    is_only_told: bool

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(entry.size for entry in self.removed)

    def text(self) -> str:
        """A line for each, and the sum."""
        would = "would be removed" if self.is_only_told else "removed"
        lines = [f"{entry.id}  {would}" for entry in self.removed]
        lines += [f"{entry.id}  is going on, and stays" for entry in self.going_on]
        return "\n".join([*lines, f"{len(self.removed)} {would} ({self.size / 1e6:.1f} MB), {self.kept} kept"])

    def document(self) -> dict[str, Any]:
        """The object that `report --prune --json` prints."""
        removed = [entry.id for entry in self.removed]
        return {"removed": removed, "bytes": self.size, "kept": self.kept, "dryRun": self.is_only_told}


def prune(found: list[Entry], rule: Rule, now: datetime, *, dry: bool) -> Pruned:
    """Remove what the rule lets go; with `dry` only say so. Raises OpsError when the file system refuses."""
    old = rule.old(found, now)
    gone = [entry for entry in old if (entry.state != "going on" if dry else _removed(entry))]
    left = [entry for entry in old if entry not in gone]
    return Pruned(gone, left, len(found) - len(gone), dry)


def _removed(entry: Entry) -> bool:
    try:
        with hold(entry.directory) as is_ours:
            if is_ours:
                shutil.rmtree(entry.directory)
            return is_ours
    except FileNotFoundError:
        return True
    except OSError as refused:
        raise OpsError(f"{entry.id} cannot be removed: {refused}") from None
