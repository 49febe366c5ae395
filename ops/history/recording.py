"""Writes a history down as it happens: JSON Lines, one event a line."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path

from ops.evidence.journal import Journal, read
from ops.history.answers import Answer
from ops.history.operations import Operation, operations


class History:
    """What all customers do, for as many threads as like to tell it; `file` holds it, whatever becomes of us."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._journal = Journal(file)
        self._numbers = itertools.count(1)
        self._acknowledged = threading.Condition()
        self._last_sent = float("-inf")

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
            with self._acknowledged:
                self._last_sent = max(self._last_sent, sent)
                self._acknowledged.notify_all()

    def note(self, event: str, **facts: object) -> None:
        """Something that happened to the stack meanwhile."""
        self._journal.write(event, **facts)

    def acknowledged_since(self, moment: float, within: float) -> float | None:
        """Wait for an answer that acknowledges a request sent after `moment`; seconds from then, None if none comes."""
        with self._acknowledged:
            came = self._acknowledged.wait_for(lambda: self._last_sent > moment, within)
        return time.monotonic() - moment if came else None

    def operations(self) -> list[Operation]:
        """All operations so far, from the file."""
        return operations(read(self.file))
