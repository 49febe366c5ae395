"""One line per happening: with hanging indents on a terminal, unbroken in pipes, where others search in them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from ops.progress import surroundings
from ops.progress.printable import printable
from ops.progress.rows import LiveRows, Rows, StillRows

STYLES = {"ok": "green", "bad": "bold red", "skip": "yellow", "plain": "", "dim": "dim"}
INDENT = " " * 9


class Progress:
    """Writes to standard error, so that standard output holds a command's result alone; obeys NO_COLOR."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)
        self._began = time.monotonic()

    def say(self, words: str, style: str = "plain") -> None:
        """One line, with the seconds since the command began."""
        seconds = Text(f"{time.monotonic() - self._began:6.1f}s  ", style=self._style("dim"))
        self._print(seconds, Text(INDENT), Text(printable(words), style=self._style(style)))

    def complain(self, words: str) -> None:
        """Why a command ends here."""
        self._console.print(Text(printable(words), style=self._style("bad")))

    def quote(self, lines: list[str]) -> None:
        """Somebody else's lines, such as the end of a log."""
        bar = Text(f"{INDENT}│ ", style=self._style("dim"))
        for line in lines:
            self._print(bar, bar, Text(printable(line), style=self._style("dim")))

    def offer(self, command: str) -> None:
        """A command to copy: never broken into lines by us."""
        self._console.print(Text(f"{INDENT}{printable(command)}"))

    @contextlib.contextmanager
    def rows(self) -> Iterator[Rows]:
        """Rows that tell what is going on now: live at the foot of a terminal, elsewhere a line now and then."""
        if not self._is_watched:
            yield StillRows(self.say)
            return
        with LiveRows(self._console) as rows:
            yield rows

    @contextlib.contextmanager
    def folded(self, name: str) -> Iterator[None]:
        """What is said meanwhile belongs together: GitHub's viewer folds it."""
        if not surroundings.in_github():
            yield
            return
        self._console.print(Text(printable(f"::group::{name}")))
        try:
            yield
        finally:
            self._console.print(Text("::endgroup::"))

    def annotate(self, command: str) -> None:
        """A workflow command of GitHub's, where there is somebody who understands it."""
        if surroundings.in_github():
            self._console.print(Text(printable(command)))

    @property
    def _is_watched(self) -> bool:
        console = self._console
        is_screen = console.file.isatty() and not console.is_dumb_terminal
        return is_screen and not console.quiet and not surroundings.in_ci()

    def _style(self, name: str) -> str:
        return "" if self._console.no_color else STYLES[name]

    def _print(self, first: Text, rest: Text, words: Text) -> None:
        for number, line in enumerate(self._broken(words, len(first))):
            self._console.print((rest if number else first) + line)

    def _broken(self, words: Text, indent: int) -> list[Text]:
        if not self._console.file.isatty():
            return [words]
        return list(words.wrap(self._console, max(20, self._console.width - indent))) or [words]
