"""Lines for a terminal, with styles and hanging indents; unbroken ones for anything else."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from ops.progress.lines import STYLES
from ops.progress.printable import printable


class Printer:
    """Writes to standard error; obeys NO_COLOR."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)

    def line(self, words: str, style: str = "plain") -> None:
        """One line, never broken by us."""
        self.console.print(self._styled(words, style))

    def hanging(self, first: str, rest: str, words: str, style: str) -> None:
        """Words behind `first`; on a terminal those that do not fit go on behind `rest`, which is as wide."""
        for number, line in enumerate(self._broken(self._styled(words, style), len(first))):
            self.console.print(self._styled(rest if number else first, "dim") + line)

    @property
    def is_watched(self) -> bool:
        """Whether it is a terminal that can draw."""
        return self.console.file.isatty() and not self.console.is_dumb_terminal

    def _styled(self, words: str, style: str) -> Text:
        return Text(printable(words), style="" if self.console.no_color else STYLES[style])

    def _broken(self, words: Text, indent: int) -> list[Text]:
        if not self.console.file.isatty():
            return [words]
        return list(words.wrap(self.console, max(20, self.console.width - indent))) or [words]
