"""One service's own SQLite file: WAL, immediate writes, a connection kept per thread (reliability M20)."""

import math
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

import peewee

from services.common.database.patience import Patience
from services.common.errors import DatabaseLost

KEPT = nullcontext()
"""Around a block: there is nothing to do at its end, as the connection stays open."""


class SqliteEngine:
    """`durable` survives a power cut as well as a crash (synchronous=FULL); nobody waits longer than `busy` seconds.

    Writers of this process queue for one lock, since SQLite's own waiting is not fair; what they wait there is taken
    off the time they may wait for other processes. A file beside it, PATH.tables, outlives it and names its tables.
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
        self._tables = path.with_name(f"{path.name}.tables")
        self._set = _Set()
        self._file: tuple[int, int] | None = None
        self._writer = threading.RLock()

    def opened(self, patience: Patience) -> AbstractContextManager[None]:
        """This thread's connection to the file that was opened first, not to one that took its place; readers wait
        only for who has the whole file locked.
        """
        if self._file is not None:
            self._check_file()
        elif not self._path.exists() and self._tables.exists():
            raise DatabaseLost(f"the database {self._path} is gone")
        else:
            _keep_private(self._path)
        if self.peewee.connect(reuse_if_open=True):
            self._set.busy_timeout = None
            self._check_file()
        self._wait_at_most(patience.left())
        return KEPT

    @contextmanager
    def transaction(self, patience: Patience) -> Iterator[None]:
        """Everything in the block or nothing; on return it is in the file that still has the name."""
        patience = patience.as_one()
        with self._turn(patience), self.opened(patience):
            with self.peewee.atomic("IMMEDIATE"):
                yield
            self._check_file()

    def lock(self, _name: str) -> None:
        """Nothing to do: an immediate transaction already keeps every other writer out."""

    def hurry(self) -> None:
        """Nothing to do: there is but one lock, and this transaction has it."""

    def made(self) -> Iterable[str]:
        return self._tables.read_text().split() if self._tables.exists() else ()

    def remember(self, tables: Iterable[str]) -> None:
        text = "".join(f"{name}\n" for name in sorted(tables))
        if text:
            _write(self._tables, text)
        else:
            self._tables.unlink(missing_ok=True)

    def discard(self) -> None:
        """Close this thread's connection after a fault, so that the next use starts afresh."""
        if not self.peewee.in_transaction():
            self.peewee.close()

    def close(self) -> None:
        self.peewee.close()

    @contextmanager
    def _turn(self, patience: Patience) -> Iterator[None]:
        """The process's only writer."""
        if not self._writer.acquire(timeout=patience.left()):
            raise peewee.OperationalError("other writers of this process took too long")
        try:
            yield
        finally:
            self._writer.release()

    def _wait_at_most(self, seconds: float) -> None:
        """For other processes; within a transaction there is nothing left to wait for."""
        milliseconds = _milliseconds(seconds)
        if self._set.busy_timeout != milliseconds and not self.peewee.in_transaction():
            self.peewee.execute_sql(f"PRAGMA busy_timeout = {milliseconds}")  # type: ignore[no-untyped-call]
            self._set.busy_timeout = milliseconds

    def _check_file(self) -> None:
        """A file removed or replaced under the open connection would swallow every write without an error."""
        found = self._path.stat()
        if self._file is None:
            self._file = (found.st_dev, found.st_ino)
        if self._file != (found.st_dev, found.st_ino):
            raise peewee.OperationalError("the database file is not the one that was opened")


def _write(path: Path, text: str) -> None:
    """All of it or nothing, also after a power cut."""
    draft = path.with_name(f"{path.name}.draft")
    with open(draft, "w", encoding="utf-8", opener=partial(os.open, mode=0o600)) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class _Set(threading.local):
    """What was set last on this thread's connection."""

    busy_timeout: int | None = None


def _keep_private(path: Path) -> None:
    """Its owner's alone; SQLite gives its -wal and -shm the rights of the file."""
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))
    for file in (path, *(path.with_name(f"{path.name}-{kind}") for kind in ("wal", "shm"))):
        with suppress(FileNotFoundError, PermissionError):
            file.chmod(file.stat().st_mode & 0o700)


def _milliseconds(seconds: float) -> int:
    """Rounded up to hundredths of a second, so that most waits are the same and need not be set anew."""
    return math.ceil(seconds * 100) * 10
