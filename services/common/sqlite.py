"""One service's own SQLite file: WAL, immediate writes, a connection kept per thread (reliability M20)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee

from services.common.patience import Patience


class SqliteEngine:
    """`durable` survives a power cut as well as a crash (synchronous=FULL); nobody waits longer than `busy` seconds.

    Writers of this process queue for one lock, since SQLite's own waiting is not fair; what they wait there is taken
    off the time they may wait for other processes.
    """

    def __init__(self, path: Path, *, durable: bool, busy: float) -> None:
        pragmas = {
            "busy_timeout": _milliseconds(busy),
            "journal_mode": "wal",
            "foreign_keys": 1,
            "synchronous": "full" if durable else "normal",
        }
        self.peewee: peewee.Database = peewee.SqliteDatabase(str(path), pragmas=pragmas)
        self._path = path
        self._file: tuple[int, int] | None = None
        self._writer = threading.RLock()

    @contextmanager
    def opened(self, _patience: Patience) -> Iterator[None]:
        """This thread's connection to the file that was opened first, not to one that took its place; readers need
        not wait.
        """
        if self._file is not None:
            self._check_file()
        self.peewee.connect(reuse_if_open=True)
        self._check_file()
        yield

    @contextmanager
    def transaction(self, patience: Patience) -> Iterator[None]:
        """Everything in the block or nothing; on return it is in the file that still has the name."""
        with self._turn(patience) as left, self.opened(patience):
            if not self.peewee.in_transaction():
                self.peewee.execute_sql(f"PRAGMA busy_timeout = {_milliseconds(left)}")  # type: ignore[no-untyped-call]
            with self.peewee.atomic("IMMEDIATE"):
                yield
            self._check_file()

    def lock(self, _name: str) -> None:
        """Nothing to do: an immediate transaction already keeps every other writer out."""

    def discard(self) -> None:
        """Close this thread's connection after a fault, so that the next use starts afresh."""
        if not self.peewee.in_transaction():
            self.peewee.close()

    def close(self) -> None:
        self.peewee.close()

    @contextmanager
    def _turn(self, patience: Patience) -> Iterator[float]:
        """The process's only writer; yields the seconds left to wait for another process."""
        begun, seconds = time.monotonic(), patience.left()
        if not self._writer.acquire(timeout=seconds):
            raise peewee.OperationalError("other writers of this process took too long")
        try:
            yield max(0.0, seconds - (time.monotonic() - begun))
        finally:
            self._writer.release()

    def _check_file(self) -> None:
        """A file removed or replaced under the open connection would swallow every write without an error."""
        found = self._path.stat()
        if self._file is None:
            self._file = (found.st_dev, found.st_ino)
        if self._file != (found.st_dev, found.st_ino):
            raise peewee.OperationalError("the database file is not the one that was opened")


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
