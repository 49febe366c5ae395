"""Writes a history down as it happens: JSON Lines, one event a line."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path

from ops.evidence.journal import Journal, read
from ops.history.answers import Answer
from ops.history.operations import Operation, operations


class First:
    """The first acknowledgement of an order that was sent after this was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._came = threading.Event()
        self._seconds: float | None = None

    def acknowledged(self, sent: float) -> None:
        """An order that was sent at `sent` on the monotonic clock has just been acknowledged."""
        if sent > self._began and not self._came.is_set():
            self._seconds = time.monotonic() - self._began
            self._came.set()

    def seconds(self, within: float) -> float | None:
        """How long it took to come; None if it has not within that many seconds from now."""
        self._came.wait(within)
        return self._seconds


class History:
    """What all customers do, for as many threads as like to tell it; `file` holds it, whatever becomes of us."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._journal = Journal(file)
        self._numbers = itertools.count(1)
        self._first = First()

    def invoked(self, customer: str, product: str, *, keyed: bool) -> str:
        """The name of a new operation, written down before anything is sent."""
        operation = f"{customer}-{next(self._numbers)}"
        self._journal.write("invoked", operation=operation, customer=customer, product=product, keyed=keyed)
        return operation

    def answered(self, operation: str, answer: Answer, sent: float) -> None:
        """One answer to it, to a request that was sent at `sent` on the monotonic clock."""
        facts = {"order": answer.order} if answer.verdict == "ok" else {"why": answer.why}
        self._journal.write(answer.verdict, operation=operation, **facts)
        if answer.verdict == "ok":
            self._first.acknowledged(sent)

    def note(self, event: str, **facts: object) -> None:
        """Something that happened to the stack meanwhile."""
        self._journal.write(event, **facts)

    def first(self) -> First:
        """The first acknowledgement from now on; one at a time is looked out for."""
        self._first = First()
        return self._first

    def operations(self) -> list[Operation]:
        """All operations so far, from the file."""
        return operations(read(self.file))
