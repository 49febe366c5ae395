"""Lines of text for a terminal of some width, broken between words and hanging under their heads."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from rich.text import Text

from ops.progress.lines import STYLES
from ops.progress.printable import printable


@dataclass(frozen=True)
class Line:
    """`head` and `words`, begun at `indent`; what does not fit goes on under the words, `hang` columns further in.

    A line that is `is_whole` is never broken, so that it can be copied; one that is `is_short` is cut off instead.
    """

    head: str
    words: str = ""
    indent: int = 0
    hang: int = 0
    style: str = "plain"
    is_whole: bool = False
    is_short: bool = False

    def broken(self, width: int | None) -> str:
        """The line, or several."""
        first = self.head.ljust(self.indent)
        if width is None or self.is_whole:
            return (first + self.words).rstrip()
        if self.is_short:
            return _cut((first + self.words).rstrip(), width)
        rest = " " * (self.indent + self.hang or 2)
        wide = max(width, len(rest) + 20)
        wrapper = textwrap.TextWrapper(wide, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
        wrapper.break_long_words = False
        return wrapper.fill(self.words)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def hanging(lines: Iterable[Line], width: int | None) -> Text:
    """All of them; not broken at all where `width` is None."""
    return Text("\n").join(Text(printable(line.broken(width)), style=STYLES[line.style]) for line in lines)
