"""Rounds in the journal of their run, as scenarios: so every report of the run tells of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from ops.evidence.journal import Journal

FEATURE, PLACE = "Endurance", "endure"
Write: TypeAlias = Callable[..., None]


@dataclass
class Told:
    """What there is to say at the end of a step or round; one with an error has failed."""

    figures: str = ""
    error: str = ""


@dataclass(frozen=True)
class Round:
    """The round of a number."""

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
        """As long as the block; it fails with what that raises, and has no end if that is interrupted."""
        about = {"feature": FEATURE, "file": PLACE, "line": self.number, "keyword": "Round", "tags": []}
        self.journal.write("scenario-started", id=self.id, name=self.name, **about)
        with _ended(partial(self.journal.write, "scenario-finished", id=self.id, name=self.name), "reason") as told:
            yield
            told.error = "\n".join(self.errors)

    @contextlib.contextmanager
    def step(self, keyword: str, text: str) -> Iterator[Told]:
        """A step of it, likewise."""
        with _ended(partial(self.journal.write, "step", scenario=self.id, keyword=keyword, text=text), "error") as told:
            yield told
        self.errors.extend(filter(None, [told.error]))


@contextlib.contextmanager
def _ended(write: Write, why: str) -> Iterator[Told]:
    told, began = Told(), time.monotonic()

    def end() -> None:
        ms = round((time.monotonic() - began) * 1000, 1)
        status = "failed" if told.error else "passed"
        figures = {"docString": told.figures} if told.figures else {}
        write(status=status, ms=ms, **figures, **{why: told.error or None})

    try:
        yield told
    except Exception as failure:
        told.error = told.error or str(failure)
        end()
        raise
    end()
