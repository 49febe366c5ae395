"""Rows at the foot of a terminal."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ops.progress.printable import printable
from ops.progress.rows import Row

ECHO = 3
"""Columns left free at the end of a row: room for the ^C that a terminal shows itself."""


@dataclass
class LiveRows:
    """The rows at the foot of a terminal, one line each, cut off where the terminal ends; gone at the end."""

    console: Console
    _rows: dict[str, Row] = field(default_factory=dict)
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
        self._rows.setdefault(name, Row.of(words)).words = words

    def drop(self, name: str) -> None:
        """Do not draw it any more."""
        self._rows.pop(name, None)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = Group(*map(self._drawn, list(self._rows.values())))
        yield from console.render(rows, options.update_width(options.max_width - ECHO))

    def _drawn(self, row: Row) -> Table:
        line = Table.grid(expand=True, padding=(0, 1))
        line.add_column(width=1)
        line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        line.add_column(justify="right", no_wrap=True)
        sign = self._spinner.render(time.monotonic())
        line.add_row(sign, Text(printable(row.words)), f"{time.monotonic() - row.began:.1f}s")
        return line
