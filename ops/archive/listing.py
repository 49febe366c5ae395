"""Every run that is kept, newest first, with what can be said of it at a glance."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from ops.archive.comparison import camel
from ops.evidence.journal import parse
from ops.evidence.runs import ID, hold
from ops.evidence.story import Story
from ops.evidence.teller import Teller
from ops.progress.sheet import Line, hanging
from ops.report.headline import headline

State = Literal["finished", "going on", "unfinished"]

_PASSED_OVER: Final = (b'"event": "log"', b'"event": "request"', b'"event": "step"')
_HEAD: Final = 120
"""In so many bytes of a line its event is named."""


@dataclass(frozen=True)
class Entry:
    """A run: `story` is None where it has no journal; `size` in bytes."""

    directory: Path
    story: Story | None
    state: State
    size: int

    @property
    def id(self) -> str:
        """Its name."""
        return self.directory.name

    @property
    def began(self) -> datetime:
        """As its name says."""
        return datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)

    @property
    def words(self) -> str:
        """What became of it."""
        if self.state == "going on":
            return "is going on"
        if self.story is None:
            return "it has no journal"
        skipped = self.story.verdict.skipped
        told = [headline(self.story), f"{skipped:,} skipped." if skipped else ""]
        return " ".join(filter(None, [*told, "The run was killed." if self.state == "unfinished" else ""]))

    @property
    def kind(self) -> str:
        """Of its stack; empty where nothing was written."""
        return self.story.kind if self.story else ""

    @property
    def command(self) -> str:
        """What made it: verify, smoke, behave …; empty where it does not say."""
        return called(self.story) if self.story else ""

    def document(self) -> dict[str, Any]:
        """The run as `report --list --json` shows it."""
        story = self.story or Story()
        counts = {camel(name): count for name, count in vars(story.verdict).items()} if self.story else None
        return {
            "run": self.id,
            "directory": str(self.directory),
            "state": self.state,
            "command": story.command,
            "stack": story.stack or None,
            "commit": story.versions.get("commit"),
            "exit": story.exit,
            "seconds": story.seconds,
            "verdict": counts,
            "words": self.words,
            "bytes": self.size,
        }


def called(story: Story) -> str:
    """Likewise of a story."""
    return next(iter(story.command.removeprefix("python3 -m ops").split()), "")


def entries(ops_dir: Path) -> list[Entry]:
    """All of them; what is no folder of a run, or a link to elsewhere, is none."""
    folders = [path for path in (ops_dir / "runs").glob("*") if ID.fullmatch(path.name)]
    real = [path for path in folders if path.is_dir() and not path.is_symlink()]
    return list(_still_there(sorted(real, key=lambda path: path.name, reverse=True)))


def _still_there(folders: list[Path]) -> Iterator[Entry]:
    """But for what somebody removes just now."""
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):
            yield entry(folder)


def brief(journal: Path) -> Story:
    """The story without steps, requests and log lines: a tenth of the time."""
    teller = Teller()
    for line in _short_lines(journal):
        if event := parse(line):
            teller.take(event)
    return teller.story


def text(found: list[Entry], width: int | None = None) -> str:
    """A line for each; in so many columns what became of it goes on below its command."""
    if not found:
        return "there is no run yet; `python3 -m ops verify` makes one"
    return hanging(map(_line, found), width).plain


def entry(directory: Path) -> Entry:
    """The run in that folder."""
    journal = directory / "journal.jsonl"
    story = brief(journal) if journal.is_file() else None
    with hold(directory) as is_ours:
        over: State = "finished" if story is None or story.exit is not None else "unfinished"
        state: State = over if is_ours else "going on"
    return Entry(directory, story, state, sum(file.lstat().st_size for file in directory.rglob("*")))


def _short_lines(journal: Path) -> Iterator[bytes]:
    with journal.open("rb") as events:
        for line in events:
            if not any(event in line[:_HEAD] for event in _PASSED_OVER):
                yield line


def _line(run: Entry) -> Line:
    story = run.story or Story()
    took = f"{story.seconds:.1f} s" if story.seconds is not None else ""
    size = f"{run.size / 1e6:.1f} MB"
    head = f"{run.command:<6}  {run.kind:<7}  {took:>8}  {size:>8}  "
    return Line(f"{run.id}  {head}", run.words, indent=len(run.id) + 2)
