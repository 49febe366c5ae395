"""One line per happening: with hanging indents on a terminal, unbroken in pipes, where others search in them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from ops.progress import surroundings
from ops.progress.rows import Rows, StillRows

if TYPE_CHECKING:
    from ops.progress.printer import Printer

STYLES = {"ok": "green", "bad": "bold red", "skip": "yellow", "plain": "", "dim": "dim"}
INDENT = " " * 9


class Progress:
    """Writes to standard error, so that standard output holds a command's result alone; obeys NO_COLOR."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._began = time.monotonic()

    def say(self, words: str, style: str = "plain") -> None:
        """One line, with the seconds since the command began."""
        if not self._quiet:
            self._printer.hanging(f"{time.monotonic() - self._began:6.1f}s  ", INDENT, words, style)

    def complain(self, words: str) -> None:
        """Why a command ends here."""
        self._line(words, "bad")

    def quote(self, lines: list[str]) -> None:
        """Somebody else's lines, such as the end of a log."""
        bar = f"{INDENT}│ "
        for line in () if self._quiet else lines:
            self._printer.hanging(bar, bar, line, "dim")

    def offer(self, command: str) -> None:
        """A command to copy: never broken into lines by us."""
        self._line(f"{INDENT}{command}")

    @contextlib.contextmanager
    def rows(self) -> Iterator[Rows]:
        """Rows that tell what is going on now: live at the foot of a terminal, elsewhere a line now and then."""
        if self._quiet or surroundings.in_ci() or not self._printer.is_watched:
            yield StillRows(self.say)
            return
        from ops.progress.live_rows import LiveRows  # nobody else draws

        with LiveRows(self._printer.console) as rows:
            yield rows

    @contextlib.contextmanager
    def folded(self, name: str) -> Iterator[None]:
        """What is said meanwhile belongs together: GitHub's viewer folds it."""
        if not surroundings.in_github():
            yield
            return
        self._line(f"::group::{name}")
        try:
            yield
        finally:
            self._line("::endgroup::")

    def annotate(self, command: str) -> None:
        """A workflow command of GitHub's, where there is somebody who understands it."""
        if surroundings.in_github():
            self._line(command)

    @cached_property
    def _printer(self) -> Printer:
        from ops.progress.printer import Printer  # rich takes its time, and many commands have nothing to say

        return Printer()

    def _line(self, words: str, style: str = "plain") -> None:
        if not self._quiet:
            self._printer.line(words, style)
