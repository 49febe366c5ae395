"""What a command gives back; only `ops.cli.main` prints it and exits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.errors import Exit

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True)
class Outcome:
    """What goes to standard output, styles only where it is a terminal, and the exit code.

    `lines` come first, one by one as they come about.
    """

    text: str | Text = ""
    exit: Exit = Exit.HELD
    lines: Iterable[str] = ()
