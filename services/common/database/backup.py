"""A copy of a service's SQLite file while it is in use, and the way back (SQLite's online backup)."""

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import peewee

from services.common.database.database import SQLITE
from services.common.database.sqlite import SqliteEngine
from services.common.errors import SettingsError

STREAM = "-"
WAIT = 5.0
STEP = 1.0
"""Seconds that SQLite itself waits for a lock, before it is asked again."""


class Unusable(OSError):
    """A file that is no whole copy of the service's database."""


def backup(database_url: str, file: str, *, within: float = WAIT) -> str:
    """Write all that was kept when this began to `file` (`-`: standard output); nobody waits for it.

    A lock on the whole database is waited for, `within` seconds or a little longer. The line that says what was
    copied. Raises OSError.
    """
    source, began = path_of(database_url), time.monotonic()
    with _draft(source.parent if file == STREAM else Path(file).parent) as draft:
        with closing(_opened(source)) as mine, closing(sqlite3.connect(draft)) as copy:
            mine.backup(copy, progress=_until(time.monotonic() + within))
            copy.execute("PRAGMA journal_mode = delete")
        counted = _checked(draft)
        if file == STREAM:
            _pour(draft)
        else:
            draft.replace(file)
    return f"{_listed(counted)} copied in {time.monotonic() - began:.2f} s\n"


def restore(database_url: str, file: str, models: Sequence[type[peewee.Model]], *, within: float = WAIT) -> str:
    """Put what is in `file` (`-`: standard input) in the place of all that there is, in one transaction, while the
    service runs or not; others that write are waited for, `within` seconds or a little longer. The line that says what
    was restored, and whether a service that runs can go on with it: not if its file or a table of it is another one.
    Raises OSError, and then nothing is changed.
    """
    target, began = path_of(database_url), time.monotonic()
    with _draft(target.parent) as draft:
        with sys.stdin.buffer if file == STREAM else Path(file).open("rb") as given, draft.open("wb") as own:
            shutil.copyfileobj(given, own)
        counted = _checked(draft)
        if missing := sorted({model._meta.table_name for model in models} - counted.keys()):
            raise Unusable(f"{file} is no backup of this service: it has no {' and no '.join(missing)}")
        engine = SqliteEngine(target, durable=True, busy=within)
        fits = target.exists() and counted.keys() >= {*engine.made()}
        if target.exists():
            _overwrite(target, draft, within)
        else:
            _put(target, draft)
    engine.remember(counted)
    line = f"{_listed(counted)} restored in {time.monotonic() - began:.2f} s"
    return f"{line}\n" if fits else f"{line}; a service that runs has to be started again\n"


def _put(target: Path, draft: Path) -> None:
    """What SQLite left beside a lost file is of that one, and would be taken for the new one's."""
    for ending in ("-wal", "-shm"):
        target.with_name(f"{target.name}{ending}").unlink(missing_ok=True)
    draft.replace(target)


def _overwrite(target: Path, draft: Path, within: float) -> None:
    """Raises Unusable."""
    try:
        with closing(sqlite3.connect(draft)) as copy, closing(sqlite3.connect(target, timeout=STEP)) as theirs:
            copy.backup(theirs, progress=_until(time.monotonic() + within))
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{target} cannot be written ({error}); with the service stopped, move it away first") from error


def path_of(database_url: str) -> Path:
    """Raises SettingsError for a database that is no file."""
    if not database_url.startswith(SQLITE):
        raise SettingsError("DATABASE_URL: is no SQLite file; pg_dump and pg_restore do this for PostgreSQL")
    return Path(database_url.removeprefix(SQLITE))


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """A file for its owner alone, which is gone afterwards unless it was given another name."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".backup-")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    """Raises FileNotFoundError; SQLite itself would make the file."""
    if not path.exists():
        raise FileNotFoundError(f"there is no {path}")
    return sqlite3.connect(path, timeout=STEP)


def _checked(path: Path) -> dict[str, int]:
    """The rows of each table of a file that is whole, and on the disk. Raises Unusable."""
    try:
        with closing(sqlite3.connect(path)) as copy:
            verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            names = [name for (name,) in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]
            counted = {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    except sqlite3.DatabaseError as error:
        raise Unusable(f"it is damaged: {error}") from error
    if verdict != "ok":
        raise Unusable(f"it is damaged: {verdict}")
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return counted


def _pour(path: Path) -> None:
    with path.open("rb") as content:
        shutil.copyfileobj(content, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _until(deadline: float) -> Callable[[int, int, int], None]:
    def progress(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise TimeoutError("the database is locked")

    return progress


def _listed(counted: dict[str, int]) -> str:
    return ", ".join(f"{rows} {name}" for name, rows in counted.items())
