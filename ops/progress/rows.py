"""Rows that tell what is going on now, each with the time since it began."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ops.progress.visible import visible

STILL = 10.0
"""Seconds after which a row that nobody can watch is worth a line of its own."""

ECHO = 3
"""Columns left free at the end of a row: room for the ^C that a terminal shows itself."""


class Rows(Protocol):
    """Rows by their names, in the order in which they were first shown."""

    def show(self, name: str, words: str) -> None:
        """Put a row there, or new words into it; call it as often as there may be something new."""

    def drop(self, name: str) -> None:
        """Take the row away; one that is not there is not missed."""


@dataclass
class _Row:
    words: str
    began: float
    told: float

    @classmethod
    def of(cls, words: str) -> _Row:
        now = time.monotonic()
        return cls(words, now, now)


class StillRows:
    """Says of a row that it is still there, every `every` seconds."""

    def __init__(self, say: Callable[[str, str], None], every: float = STILL) -> None:
        self._say = say
        self._every = every
        self._rows: dict[str, _Row] = {}

    def show(self, name: str, words: str) -> None:
        """Say it when it has been there for so long."""
        row = self._rows.setdefault(name, _Row.of(words))
        row.words = words
        now = time.monotonic()
        if now - row.told >= self._every:
            row.told = now
            self._say(f"… {' '.join(words.split())}, {now - row.began:.0f} s", "dim")

    def drop(self, name: str) -> None:
        """It is over."""
        self._rows.pop(name, None)


@dataclass
class LiveRows:
    """The rows at the foot of a terminal, one line each, cut off where the terminal ends; gone at the end."""

    console: Console
    _rows: dict[str, _Row] = field(default_factory=dict)
    _live: Live = field(init=False)

    def __post_init__(self) -> None:
        self._spinner = Spinner("dots")
        self._live = Live(
            get_renderable=lambda: self,
            console=self.console,
            transient=True,
            refresh_per_second=10,
            redirect_stdout=False,  # a command's result goes elsewhere
        )

    def __enter__(self) -> LiveRows:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._rows.clear()
        self._live.stop()

    def show(self, name: str, words: str) -> None:
        """Draw it, at the next refreshing."""
        self._rows.setdefault(name, _Row.of(words)).words = words

    def drop(self, name: str) -> None:
        """Do not draw it any more."""
        self._rows.pop(name, None)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = Group(*map(self._drawn, list(self._rows.values())))
        yield from console.render(rows, options.update_width(options.max_width - ECHO))

    def _drawn(self, row: _Row) -> Table:
        line = Table.grid(expand=True, padding=(0, 1))
        line.add_column(width=1)
        line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        line.add_column(justify="right", no_wrap=True)
        sign = self._spinner.render(time.monotonic())
        line.add_row(sign, Text(visible(row.words)), f"{time.monotonic() - row.began:.1f}s")
        return line
