"""How a service's tables change: numbered files of SQL, forward only, each once and in turn (decision 10)."""

import hashlib
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import peewee

from services.common.database.database import Database
from services.common.errors import DatabaseLost, SchemaUnfit, Unavailable

HISTORY = "migrations"
FILE = re.compile(r"(\d{4})_\w+\.sql")
PATIENCE = 60.0
"""Seconds that a migration, or the wait for another job that migrates, may take."""
STARTING, PAUSE = 20.0, 0.2
"""Seconds in which a server that starts is to take connections, and between two looks."""
_MAKE_HISTORY = f"CREATE TABLE IF NOT EXISTS {HISTORY} (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL)"


@dataclass(frozen=True)
class Migration:
    """One file. Each statement ends with `;` at the end of a line, and is SQL that SQLite and PostgreSQL understand,
    but for `SERIAL`, a number that counts up: SQLite gets its own word for it.
    """

    number: int
    path: Path

    @cached_property
    def text(self) -> str:
        """What the file says."""
        return self.path.read_text(encoding="utf-8")

    @property
    def checksum(self) -> str:
        """Of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def run(self, database: peewee.Database) -> None:
        """In the transaction under way. Raises SchemaUnfit."""
        if isinstance(database, peewee.SqliteDatabase):
            text = re.sub(r"\bSERIAL\b", "INTEGER NOT NULL", self.text)
        else:
            text = self.text.replace("%", "%%")  # which psycopg takes for the place of a value
        try:
            for statement in filter(str.strip, re.split(r";\s*$", text, flags=re.MULTILINE)):
                database.execute_sql(statement)  # type: ignore[no-untyped-call]
        except (peewee.ProgrammingError, peewee.IntegrityError, peewee.OperationalError) as error:
            raise SchemaUnfit(f"migration {self.path.name} cannot be done: {error}".strip()) from error


def read(folder: Path) -> list[Migration]:
    """Those of a service, in turn. Raises SchemaUnfit for a number that is missing or is there twice."""
    found = sorted(path for path in folder.iterdir() if FILE.fullmatch(path.name))
    for number, path in enumerate(found, start=1):
        if int(path.name[:4]) != number:
            raise SchemaUnfit(f"migration {number} is missing in {folder}: the next file there is {path.name}")
    return [Migration(number, path) for number, path in enumerate(found, start=1)]


def migrate(database: Database, folder: Path) -> list[Migration]:
    """Those that were done now; all of them or none. Another job that does the same is waited for.

    Raises SchemaUnfit, DatabaseLost, Unavailable.
    """
    return _do(database, read(folder), lambda there: _require_nothing_lost(database, there))


def _do(database: Database, known: Sequence[Migration], prepare: Callable[[set[str]], None]) -> list[Migration]:
    """Those that were done now, in one transaction that begins with `prepare`, which gets the tables that are there."""
    with database.writing():
        database.lock("schema")
        database.hurry()
        prepare({*database.peewee.get_tables()})
        database.peewee.execute_sql(_MAKE_HISTORY)  # type: ignore[no-untyped-call]
        wanted = _wanted(known, _done(database))
        for one in wanted:
            one.run(database.peewee)
            _insert(database, one)
        database.remember({*database.made()} & {*database.peewee.get_tables()})
    with database.writing():
        database.lock("schema")
        database.remember(database.peewee.get_tables())
    return wanted


def await_server(database: Database) -> None:
    """Return when PostgreSQL, which may just be starting, takes connections; or else in the end. SQLite is there."""
    deadline = time.monotonic() + STARTING
    while not isinstance(database.peewee, peewee.SqliteDatabase) and time.monotonic() < deadline:
        with suppress(Unavailable), database.reading():
            return
        time.sleep(PAUSE)


def begin_anew(
    database: Database, folder: Path, tables: Collection[str], *, drop_rest: bool = False
) -> list[Migration]:
    """Make all tables anew, empty, where one of them was lost; those that are left go too, if `drop_rest`.

    Raises SchemaUnfit if nothing is lost, or something is left that is to stay; Unavailable. Nothing is changed then.
    """

    def clear(there: set[str]) -> None:
        done = _done(database) if HISTORY in there else {}
        if there and not _lost(database, there, tables if done else ()):
            raise SchemaUnfit(
                "nothing is lost, so nothing is begun anew; what a release needs, the command `migrate` does"
            )
        if (left := there - {HISTORY}) and not drop_rest:
            raise SchemaUnfit(
                f"the rows that are left would go too ({_counted(database, left)}): "
                "make a backup of them, and then say `init --drop-rest`"
            )
        _drop(database.peewee, there)

    if _is_gone(database):
        database.remember(())
    return _do(database, read(folder), clear)


def _is_gone(database: Database) -> bool:
    """Whether not even a file is left."""
    try:
        with database.reading():
            return False
    except DatabaseLost:
        return True


def _counted(database: Database, tables: Collection[str]) -> str:
    """ "orders 12, users 1"."""
    run = database.peewee.execute_sql
    counts = {name: run(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(tables)}  # type: ignore[no-untyped-call] # noqa: S608
    return ", ".join(f"{name} {rows}" for name, rows in counts.items())


def _drop(database: peewee.Database, tables: Collection[str]) -> None:
    """In any order: what refers to one that is gone goes, too."""
    is_sqlite = isinstance(database, peewee.SqliteDatabase)
    if is_sqlite:
        database.execute_sql("PRAGMA defer_foreign_keys = 1")  # type: ignore[no-untyped-call]
    for name in sorted(tables):
        database.execute_sql(f'DROP TABLE "{name}"' + ("" if is_sqlite else " CASCADE"))  # type: ignore[no-untyped-call]


def require(database: Database, folder: Path, tables: Collection[str]) -> None:
    """Raises SchemaUnfit unless all migrations are done; more of them, of a newer release, do no harm. Raises
    DatabaseLost if one of the `tables` that they made is not there any more; Unavailable.
    """
    with database.reading():
        there = {*database.peewee.get_tables()}
        done = _done(database) if HISTORY in there else {}
    wanted = _wanted(read(folder), done)
    _require_nothing_lost(database, there, () if wanted else tables)
    if wanted:
        raise SchemaUnfit(f"the database waits for migration {wanted[0].path.name}: the command `migrate` does it")


def _require_nothing_lost(database: Database, there: Collection[str], tables: Collection[str] = ()) -> None:
    if lost := _lost(database, there, tables):
        raise DatabaseLost(f"the database has lost what it had in {' and '.join(lost)}")


def _lost(database: Database, there: Collection[str], tables: Collection[str]) -> list[str]:
    """Of those that were made before, and of `tables`, the ones that are not there."""
    return sorted({*database.made(), *tables} - {*there})


def _done(database: Database) -> Mapping[int, str]:
    """Number and checksum."""
    rows = database.peewee.execute_sql(f"SELECT number, checksum FROM {HISTORY}")  # type: ignore[no-untyped-call] # noqa: S608
    return dict(rows.fetchall())


def _insert(database: Database, one: Migration) -> None:
    mark = database.peewee.param
    database.peewee.execute_sql(f"INSERT INTO {HISTORY} VALUES ({mark}, {mark})", (one.number, one.checksum))  # type: ignore[no-untyped-call] # noqa: S608


def _wanted(known: Sequence[Migration], done: Mapping[int, str]) -> list[Migration]:
    """Those that are still to be done. Raises SchemaUnfit for one that was changed since, or left out."""
    for one in known:
        if done.get(one.number, one.checksum) != one.checksum:
            raise SchemaUnfit(
                f"migration {one.path.name} is not the one that was done: what was released stays as it is"
            )
    wanted = [one for one in known if one.number not in done]
    if wanted and done and wanted[0].number < max(done):
        raise SchemaUnfit(f"migration {wanted[0].path.name} was never done, and {max(done)} was")
    return wanted
