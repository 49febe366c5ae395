"""What a command gives back; only `ops.cli.main` prints it and exits."""

from __future__ import annotations

from dataclasses import dataclass

from ops.errors import Exit


@dataclass(frozen=True)
class Outcome:
    """The text for standard output and the exit code."""

    text: str = ""
    exit: Exit = Exit.HELD
