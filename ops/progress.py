"""What a user sees while a command works: one line per happening, coloured on a terminal, plain elsewhere."""

from __future__ import annotations

import time

from rich.console import Console
from rich.text import Text

STYLES = {"ok": "green", "bad": "bold red", "skip": "yellow", "plain": "", "dim": "dim"}


class Progress:
    """Writes to standard error, so that standard output holds a command's result alone; obeys NO_COLOR."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)
        self._began = time.monotonic()

    def say(self, words: str, style: str = "plain") -> None:
        """One line, with the seconds since the command began."""
        seconds = Text(f"{time.monotonic() - self._began:6.1f}s  ", style="dim")
        self._console.print(seconds + Text(words, style=STYLES[style]))

    def complain(self, words: str) -> None:
        """Why a command ends here."""
        self._console.print(Text(words, style=STYLES["bad"]))

    def quote(self, lines: list[str]) -> None:
        """Somebody else's lines, such as the end of a log."""
        for line in lines:
            self._console.print(Text(f"         │ {line}", style="dim"))
