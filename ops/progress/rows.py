"""Rows that tell what is going on now, each with the time since it began."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

STILL = 10.0
"""Seconds after which a row that nobody can watch is worth a line of its own."""


class Rows(Protocol):
    """Rows by their names, in the order in which they were first shown."""

    def show(self, name: str, words: str) -> None:
        """Put a row there, or new words into it; call it as often as there may be something new."""

    def drop(self, name: str) -> None:
        """Take the row away; one that is not there is not missed."""


@dataclass
class Row:
    """Its words, when it was first shown and when it was last said, in seconds of the monotonic clock."""

    words: str
    began: float
    told: float

    @classmethod
    def of(cls, words: str) -> Row:
        """One that begins now."""
        now = time.monotonic()
        return cls(words, now, now)


class StillRows:
    """Says of a row that it is still there, every `every` seconds."""

    def __init__(self, say: Callable[[str, str], None], every: float = STILL) -> None:
        self._say = say
        self._every = every
        self._rows: dict[str, Row] = {}

    def show(self, name: str, words: str) -> None:
        """Say it when it has been there for so long."""
        row = self._rows.setdefault(name, Row.of(words))
        row.words = words
        now = time.monotonic()
        if now - row.told >= self._every:
            row.told = now
            self._say(f"… {' '.join(words.split())}, {now - row.began:.0f} s", "dim")

    def drop(self, name: str) -> None:
        """It is over."""
        self._rows.pop(name, None)
