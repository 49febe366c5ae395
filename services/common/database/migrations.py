"""How a service's tables change: numbered files of SQL, forward only, each once and in turn (decision 10)."""

import hashlib
import re
import time
from collections.abc import Collection, Mapping, Sequence
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
        text = self.text
        if isinstance(database, peewee.SqliteDatabase):
            text = re.sub(r"\bSERIAL\b", "INTEGER NOT NULL", text)
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
    known = read(folder)
    with database.writing():
        database.lock("schema")
        database.hurry()
        before = {*database.peewee.get_tables()}
        _require_nothing_lost(database, before)
        database.peewee.execute_sql(_MAKE_HISTORY)  # type: ignore[no-untyped-call]
        done = _done(database)
        wanted = _wanted(known, done)
        for one in wanted:
            one.run(database.peewee)
            _insert(database, one)
        database.remember(before & {*database.peewee.get_tables()})
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


def begin_anew(database: Database) -> None:
    """Let what was lost be made anew, empty, by the next `migrate`. Raises Unavailable."""
    database.remember(())
    with database.writing():
        database.peewee.execute_sql(f"DROP TABLE IF EXISTS {HISTORY}")  # type: ignore[no-untyped-call]


def require(database: Database, folder: Path, tables: Collection[str]) -> None:
    """Raises SchemaUnfit unless all migrations are done; more of them, of a newer release, do no harm. Raises
    DatabaseLost if one of the `tables` that they made is not there any more; Unavailable.
    """
    with database.reading():
        there = {*database.peewee.get_tables()}
        done = _done(database) if HISTORY in there else {}
    _require_nothing_lost(database, there, tables if done else ())
    if wanted := _wanted(read(folder), done):
        raise SchemaUnfit(f"the database waits for migration {wanted[0].path.name}: the command `migrate` does it")


def _require_nothing_lost(database: Database, there: Collection[str], tables: Collection[str] = ()) -> None:
    if lost := sorted({*database.made(), *tables} - {*there}):
        raise DatabaseLost(f"the database has lost what it had in {' and '.join(lost)}")


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
