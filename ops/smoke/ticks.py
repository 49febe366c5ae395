"""What a run writes back into its page: the boxes, and the line that tells of the run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ops.errors import WrongUsage
from ops.smoke.page import Page
from ops.smoke.walk import Result

BOX = re.compile(r"\[[ x]\]")


@dataclass(frozen=True)
class LastRun:
    """When the steps were tried, on which kind of stack or at which URL, and at which commit."""

    day: date
    stack: str
    commit: str

    def line(self, results: Sequence[Result]) -> str:
        """As the page has it."""
        return f"Last run: {self.day.isoformat()}, {self.stack}, commit {self.commit}: {counted(results)}"


def counted(results: Sequence[Result]) -> str:
    """ "36 of 45 held, 9 skipped"."""
    ends = Counter(result.status for result in results)
    skipped = f", {ends['skipped']} skipped" if ends["skipped"] else ""
    return f"{ends['held']} of {len(results)} held{skipped}"


def skipped(results: Sequence[Result]) -> int:
    """How many steps were not followed; a run that skipped one is not told of in a page."""
    return sum(result.status == "skipped" for result in results)


def ticked(text: str, page: Page, results: Sequence[Result], run: LastRun) -> str:
    """The page's text with a tick for each step that held and none for one that failed."""
    lines = text.splitlines(keepends=True)
    for result in results:
        mark = "[x]" if result.status == "held" else "[ ]"
        number = result.step.line - 1
        lines[number] = BOX.sub(mark, lines[number], count=1)
    lines[page.last_run_line - 1] = run.line(results) + "\n"
    return "".join(lines)


def write(file: Path, before: str, after: str) -> None:
    """Replace the page in one step. Raises WrongUsage where it is not as it was before, or cannot be written."""
    try:
        if file.read_text(encoding="utf-8") != before:
            raise WrongUsage(f"{file} was changed meanwhile, so nothing is ticked; run it again")
        draft = file.with_name(f".{file.name}.new")
        draft.write_text(after, encoding="utf-8")
        draft.replace(file)
    except OSError as refused:
        raise WrongUsage(f"{file} cannot be written: {refused}") from None
