"""Every run that is kept, newest first, with what can be said of it at a glance; and which of them were removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic.alias_generators import to_camel

from ops.journal.journal import UnknownSchema
from ops.journal.record import Record
from ops.journal.runs import JOURNAL, Pruned, folders, hold, size
from ops.progress.sheet import Line, hanging
from ops.report.headline import headline

State = Literal["finished", "going on", "unfinished"]


@dataclass(frozen=True)
class Entry:
    """A run: `record` is None where it has no journal that can be read, and `unread` says why; `size` in bytes."""

    directory: Path
    record: Record | None
    unread: str
    state: State
    size: int

    @classmethod
    def of(cls, directory: Path) -> Entry:
        """The run in that folder."""
        record, unread = _brief(directory / JOURNAL)
        with hold(directory) as is_ours:
            over: State = "unfinished" if record and record.end is None else "finished"
            state: State = over if is_ours else "going on"
        return cls(directory, record, unread, state, size(directory))

    @property
    def words(self) -> str:
        """What became of it."""
        if self.state == "going on":
            return "is going on"
        if self.record is None:
            return self.unread
        skipped = self.record.verdict.skipped
        told = [headline(self.record), f"{skipped:,} skipped." if skipped else ""]
        return " ".join(filter(None, [*told, "The run was killed." if self.state == "unfinished" else ""]))

    @property
    def command(self) -> str:
        """What made it: verify, smoke, behave …; empty where it does not say."""
        return self.record.kind if self.record else ""

    def document(self) -> dict[str, Any]:
        """The run as `report --list --json` shows it."""
        record = self.record or Record()
        return {
            "run": self.directory.name,
            "directory": str(self.directory),
            "state": self.state,
            "command": record.command,
            "stack": record.stack or None,
            "commit": record.versions.get("commit"),
            "exit": record.end.exit if record.end else None,
            "seconds": record.seconds,
            "verdict": {to_camel(name): count for name, count in record.verdict._asdict().items()}
            if self.record
            else None,
            "words": self.words,
            "bytes": self.size,
        }


def entries(ops_dir: Path) -> list[Entry]:
    """All of them."""
    return list(_still_there(folders(ops_dir)))


def text(found: list[Entry], width: int | None = None) -> str:
    """A line for each; in so many columns what became of it goes on below its command."""
    if not found:
        return "there is no run yet; `python3 -m ops verify` makes one"
    return hanging(map(_line, found), width).plain


def text_of_pruned(pruned: Pruned) -> str:
    """A line for each run, and the sum."""
    would = "would be removed" if pruned.is_dry_run else "removed"
    lines = [f"{run}  {would}" for run in pruned.removed]
    lines += [f"{run}  is going on, and stays" for run in pruned.going_on]
    megabytes = sum(pruned.removed.values()) / 1e6
    return "\n".join([*lines, f"{len(pruned.removed)} {would} ({megabytes:.1f} MB), {pruned.kept} kept"])


def document_of_pruned(pruned: Pruned) -> dict[str, Any]:
    """The object that `report --prune --json` prints."""
    removed, size = list(pruned.removed), sum(pruned.removed.values())
    return {"removed": removed, "bytes": size, "kept": pruned.kept, "dryRun": pruned.is_dry_run}


def _brief(journal: Path) -> tuple[Record | None, str]:
    try:
        return Record.read(journal, is_brief=True), ""
    except UnknownSchema as unknown:
        return None, unknown.words
    except FileNotFoundError:
        return None, "it has no journal"


def _still_there(found: list[Path]) -> Iterator[Entry]:
    """But for what somebody removes just now."""
    for folder in found:
        with contextlib.suppress(FileNotFoundError):
            yield Entry.of(folder)


def _line(run: Entry) -> Line:
    record = run.record or Record()
    took = f"{record.seconds:.1f} s" if record.seconds is not None else ""
    head = f"{run.command:<6}  {record.stack:<7}  {took:>8}  {run.size / 1e6:>5.1f} MB  "
    return Line(f"{run.directory.name}  {head}", run.words, indent=len(run.directory.name) + 2)
