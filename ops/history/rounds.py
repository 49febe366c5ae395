"""Rounds in the journal of their run, as scenarios: so every report of the run tells of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ops.errors import NotProven, StackNotReady, known
from ops.evidence.journal import Journal

FEATURE, PLACE = "Endurance", "endure"


@dataclass
class Note:
    """What a step found; one with an error has failed."""

    figures: str = ""
    error: str = ""


@dataclass(frozen=True)
class Round:
    """One round, for the length of a block. An interrupted one, or step, has no end."""

    journal: Journal
    number: int
    name: str
    errors: list[str] = field(default_factory=list)
    """Of its steps."""

    @property
    def id(self) -> str:
        """Of its scenario."""
        return f"{PLACE}:{self.number}"

    @contextlib.contextmanager
    def lasting(self) -> Iterator[None]:
        """It fails with what one of its steps found, or with what the block raises."""
        about = {"feature": FEATURE, "file": PLACE, "line": self.number, "keyword": "Round", "tags": []}
        self.journal.write("scenario-started", id=self.id, name=self.name, **about)
        began = time.monotonic()
        try:
            yield
        except Exception as failure:
            self._end(began, "not-proven" if isinstance(failure, NotProven) else "failed", str(known(failure)))
            raise
        self._end(began, "failed" if self.errors else "passed", "\n".join(self.errors))

    @contextlib.contextmanager
    def step(self, keyword: str, text: str) -> Iterator[Note]:
        """A step of it, which fails with what the block notes or raises."""
        note, began = Note(), time.monotonic()
        try:
            yield note
        except Exception as error:
            failure = known(error)
            log = failure.log if isinstance(failure, StackNotReady) else []
            note.error = "\n".join([str(failure), *log])
            self._write_step(keyword, text, began, note)
            raise
        self._write_step(keyword, text, began, note)
        self.errors.extend(filter(None, [note.error]))

    def _end(self, began: float, status: str, reason: str) -> None:
        about = {"id": self.id, "name": self.name}
        ms = _ms_since(began)
        self.journal.write("scenario-finished", **about, status=status, ms=ms, reason=reason or None)

    def _write_step(self, keyword: str, text: str, began: float, note: Note) -> None:
        about = {"scenario": self.id, "keyword": keyword, "text": text, "ms": _ms_since(began)}
        found = {"docString": note.figures} if note.figures else {}
        status, error = "failed" if note.error else "passed", note.error or None
        self.journal.write("step", **about, status=status, error=error, **found)


def _ms_since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
