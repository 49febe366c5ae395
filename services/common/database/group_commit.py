"""Group commit: who waits for a turn to write has it written, and synced to the disk, together with the others' work.

A disk takes as long to keep ten orders as to keep one, and SQLite has one writer at a time. PostgreSQL does the same by
itself.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from services.common.database.patience import Patience
from services.common.errors import Unavailable

MOST = 64


class GroupCommit:
    """`transaction(seconds)` is a transaction of the calling thread, which waits no longer than that and raises
    Unavailable; `savepoint()` is one within it. `is_fault` says of an error that the whole transaction is lost.
    """

    def __init__(
        self,
        transaction: Callable[[float], AbstractContextManager[object]],
        savepoint: Callable[[], AbstractContextManager[object]],
        is_fault: Callable[[BaseException], bool],
    ) -> None:
        self._transaction = transaction
        self._savepoint = savepoint
        self._is_fault = is_fault
        self._waiting: deque[_Work] = deque()
        self._turn = threading.Lock()

    def write(self, work: Callable[[], Any], patience: Patience) -> Any:
        """What `work` gives back, once it is kept. Raises what it raises, and then nothing of it is kept; Unavailable.

        `work` may run in the thread of another who writes.
        """
        mine = _Work(work)
        self._waiting.append(mine)
        if not self._turn.acquire(timeout=patience.left()):
            with suppress(ValueError):  # it is not there if another is just writing it: that will not take long
                self._waiting.remove(mine)
                raise Unavailable(detail="other writers of this process took too long")
            self._turn.acquire()
        try:
            while not mine.is_over:
                self._write_all(patience.left())
        finally:
            self._turn.release()
        return mine.outcome()

    def _write_all(self, seconds: float) -> None:
        """The work of all who wait, in one transaction."""
        batch: list[_Work] = []
        with suppress(IndexError):
            while len(batch) < MOST:
                batch.append(self._waiting.popleft())
        try:
            with self._transaction(seconds):
                for work in batch:
                    self._do(work)
        except BaseException as error:
            for work in batch:
                work.fault = Unavailable(detail=getattr(error, "detail", None) or "the writer was interrupted")
                work.fault.__cause__ = error
            if not isinstance(error, Unavailable):
                raise
        finally:
            for work in batch:
                work.is_over = True

    def _do(self, work: "_Work") -> None:
        """A mistake in it undoes this work alone."""
        try:
            with self._savepoint():
                work.result = work.run()
        except Exception as error:
            if self._is_fault(error):
                raise
            work.fault = error


class _Work:
    """What somebody wants written, and what became of it."""

    def __init__(self, run: Callable[[], Any]) -> None:
        self.run = run
        self.is_over = False
        self.result: Any = None
        self.fault: Exception | None = None

    def outcome(self) -> Any:
        if self.fault:
            raise self.fault
        return self.result
