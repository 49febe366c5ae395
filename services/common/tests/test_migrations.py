"""Tables that change from release to release, in real databases of each kind."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import psycopg
import pytest

from services.common.database import migrations
from services.common.database.database import Database
from services.common.errors import DatabaseLost, SchemaUnfit, Unavailable
from services.common.tests.postgresql import Server
from services.common.tests.tables import make
from services.common.tests.test_database import Thing, add, in_threads, names

FIRST = """-- What there was.
CREATE TABLE IF NOT EXISTS thing (id SERIAL PRIMARY KEY, name TEXT NOT NULL, amount INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS thing_name ON thing (name);
"""
SECOND = "ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'white';\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "migrations"
    found.mkdir()
    (found / "0001_first.sql").write_text(FIRST)
    return found


@pytest.fixture
def things(database: Database, folder: Path) -> Database:
    """Made by the first migration, with a cup in it."""
    migrations.migrate(database, folder)
    database.bind([Thing])
    add(database, "cup")
    return database


@pytest.fixture
def next_release(folder: Path) -> Path:
    (folder / "0002_colour.sql").write_text(SECOND)
    return folder


def require(database: Database, folder: Path) -> None:
    migrations.require(database, folder, ["thing"])


def colours(database: Database) -> list[tuple[str]]:
    with database.reading():
        found: list[tuple[str]] = database.peewee.execute_sql("SELECT colour FROM thing").fetchall()  # type: ignore[no-untyped-call]
    return found


def test_each_is_done_once_and_in_turn(things: Database, next_release: Path) -> None:
    assert [one.number for one in migrations.migrate(things, next_release)] == [2]
    assert migrations.migrate(things, next_release) == []
    require(things, next_release)
    assert colours(things) == [("white",)]


def test_a_database_of_before_there_were_migrations_is_taken_as_it_is(database: Database, next_release: Path) -> None:
    make(database, Thing)
    add(database, "cup")
    with pytest.raises(SchemaUnfit, match="waits for migration 0001_first.sql"):
        require(database, next_release)
    migrations.migrate(database, next_release)
    assert names(database) == ["cup"] and colours(database) == [("white",)]


def test_an_older_release_works_on_with_the_tables_of_a_newer(things: Database, next_release: Path) -> None:
    migrations.migrate(things, next_release)
    (next_release / "0002_colour.sql").unlink()
    require(things, next_release)
    add(things, "pot")
    assert names(things) == ["cup", "pot"]
    assert migrations.migrate(things, next_release) == []


def test_a_newer_release_does_not_start_with_the_tables_of_an_older(things: Database, next_release: Path) -> None:
    with pytest.raises(SchemaUnfit, match="waits for migration 0002_colour.sql: the command `migrate` does it"):
        require(things, next_release)


@pytest.mark.parametrize("step", [require, migrations.migrate])
def test_what_was_released_stays_as_it_is(
    things: Database, folder: Path, step: Callable[[Database, Path], object]
) -> None:
    (folder / "0001_first.sql").write_text(FIRST.replace("0", "1"))
    with pytest.raises(SchemaUnfit, match="0001_first.sql is not the one that was done"):
        step(things, folder)


@pytest.mark.parametrize("step", [require, migrations.migrate])
def test_none_is_left_out(things: Database, next_release: Path, step: Callable[[Database, Path], object]) -> None:
    (next_release / "0001_first.sql").unlink()
    with pytest.raises(SchemaUnfit, match="migration 1 is missing in .*: the next file there is 0002_colour.sql"):
        step(things, next_release)


def test_none_is_put_in_before_one_that_was_done(things: Database, next_release: Path) -> None:
    (next_release / "0002_colour.sql").rename(next_release / "0003_colour.sql")
    (next_release / "0002_nothing.sql").write_text("UPDATE thing SET amount = 1;\n")
    migrations.migrate(things, next_release)
    with things.writing():
        things.peewee.execute_sql("DELETE FROM migrations WHERE number = 2")  # type: ignore[no-untyped-call]
    with pytest.raises(SchemaUnfit, match="0002_nothing.sql was never done, and 3 was"):
        migrations.migrate(things, next_release)


def test_one_that_cannot_be_done_changes_nothing(things: Database, next_release: Path) -> None:
    (next_release / "0003_broken.sql").write_text(
        "UPDATE thing SET amount = 7;\nALTER TABLE nothing ADD COLUMN x TEXT;\n"
    )
    with pytest.raises(SchemaUnfit, match="0003_broken.sql cannot be done: .*nothing"):
        migrations.migrate(things, next_release)
    (next_release / "0003_broken.sql").unlink()
    assert [one.number for one in migrations.migrate(things, next_release)] == [2]
    with things.reading():
        assert Thing.get().amount == 0


def test_of_many_jobs_one_does_it(database: Database, next_release: Path) -> None:
    done: list[int] = []
    work = lambda _: done.extend(one.number for one in migrations.migrate(database, next_release))  # noqa: E731
    assert in_threads(database, 8, work) == []
    assert done == [1, 2]


def test_what_was_lost_is_not_made_anew_unless_that_is_wanted(things: Database, folder: Path) -> None:
    with things.writing():
        things.peewee.drop_tables([Thing])
    with pytest.raises(DatabaseLost, match="has lost what it had in thing"):
        require(things, folder)
    assert [one.number for one in migrations.begin_anew(things, folder, ["thing"])] == [1]
    require(things, folder)
    assert names(things) == []


PARTS = f"{SECOND}CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id), name TEXT NOT NULL);\n"


@pytest.fixture
def parts(things: Database, next_release: Path) -> Database:
    """Two migrations, of which the second can be done but once, and a part of the cup."""
    (next_release / "0002_colour.sql").write_text(PARTS)
    migrations.migrate(things, next_release)
    with things.writing():
        things.peewee.execute_sql("INSERT INTO part SELECT id, 'handle' FROM thing")  # type: ignore[no-untyped-call]
        things.peewee.execute_sql("CREATE TABLE heap (id INTEGER)")  # type: ignore[no-untyped-call]
    things.remember(["thing", "part", "heap"])
    return things


def test_where_nothing_is_lost_nothing_is_begun_anew(parts: Database, next_release: Path) -> None:
    for drop_rest in (False, True):
        with pytest.raises(SchemaUnfit, match="nothing is lost"):
            migrations.begin_anew(parts, next_release, ["thing", "part"], drop_rest=drop_rest)
    require(parts, next_release)
    assert names(parts) == ["cup"]


def test_what_is_left_beside_a_lost_table_goes_only_if_that_is_wanted(parts: Database, next_release: Path) -> None:
    with parts.writing():
        parts.peewee.execute_sql("DROP TABLE heap")  # type: ignore[no-untyped-call]
    anew = partial(migrations.begin_anew, parts, next_release, ["thing", "part", "heap"])
    with pytest.raises(SchemaUnfit, match=r"rows that are left would go too \(part 1, thing 1\): .*init --drop-rest"):
        anew()
    assert names(parts) == ["cup"]
    assert [one.number for one in anew(drop_rest=True)] == [1, 2]
    migrations.require(parts, next_release, ["thing", "part"])
    assert names(parts) == [] and migrations.migrate(parts, next_release) == []


def test_a_new_beginning_that_cannot_be_ended_changes_nothing(parts: Database, next_release: Path) -> None:
    with parts.writing():
        parts.peewee.execute_sql("DROP TABLE heap")  # type: ignore[no-untyped-call]
    (next_release / "0003_broken.sql").write_text("ALTER TABLE nothing ADD COLUMN x TEXT;\n")
    with pytest.raises(SchemaUnfit, match="0003_broken.sql cannot be done"):
        migrations.begin_anew(parts, next_release, ["heap"], drop_rest=True)
    assert names(parts) == ["cup"]


def test_a_table_that_a_newer_release_adds_is_not_lost_before_it_is_made(things: Database, next_release: Path) -> None:
    (next_release / "0002_colour.sql").write_text(PARTS)
    with pytest.raises(SchemaUnfit, match="waits for migration 0002_colour.sql"):
        migrations.require(things, next_release, ["thing", "part"])


def test_a_percent_sign_is_one(things: Database, next_release: Path) -> None:
    (next_release / "0002_colour.sql").write_text("UPDATE thing SET name = '100 %' WHERE name LIKE 'c%';\n")
    migrations.migrate(things, next_release)
    assert names(things) == ["100 %"]


def test_a_table_that_a_migration_takes_away_is_not_lost(things: Database, folder: Path) -> None:
    (folder / "0002_rename.sql").write_text("ALTER TABLE thing RENAME TO article;\n")
    migrations.migrate(things, folder)
    migrations.require(things, folder, ["article"])


# -- SQLite: a file beside that of the database outlives it ------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.db"


def lost(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def dropped(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE thing")


@pytest.mark.parametrize("step", [require, migrations.migrate])
@pytest.mark.parametrize("ruin", [lost, emptied, dropped])
def test_a_file_that_was_lost_while_nobody_looked_is_not_made_anew(
    path: Path, folder: Path, ruin: Callable[[Path], None], step: Callable[[Database, Path], object]
) -> None:
    with closing(Database(f"sqlite:///{path}", durable=True)) as before:
        migrations.migrate(before, folder)
    assert path.with_name("data.db.tables").stat().st_mode & 0o777 == 0o600
    ruin(path)
    with closing(Database(f"sqlite:///{path}", durable=True)) as later:
        with pytest.raises(DatabaseLost):
            step(later, folder)
        assert path.exists() == (ruin is not lost)
        migrations.begin_anew(later, folder, ["thing"])
        require(later, folder)


# -- PostgreSQL --------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(postgres_url: str, folder: Path) -> Iterator[Database]:
    with closing(Database(postgres_url, durable=True, busy=20.0)) as database:
        migrations.migrate(database, folder)
        yield database


@pytest.mark.whole
def test_a_server_that_starts_is_waited_for(shared: Database, postgres_server: Server, next_release: Path) -> None:
    postgres_server.stop()
    starting = threading.Timer(0.5, postgres_server.start)
    starting.start()
    with pytest.raises(Unavailable):
        migrations.migrate(shared, next_release)
    migrations.await_server(shared)
    assert [one.number for one in migrations.migrate(shared, next_release)] == [2]
    starting.join()


@pytest.mark.whole
def test_it_waits_no_longer_for_a_table_than_a_request_would(
    shared: Database, postgres_url: str, next_release: Path
) -> None:
    """Everybody else who wants the table waits behind it."""
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT 1 FROM thing")
        with pytest.raises((SchemaUnfit, Unavailable), match="lock timeout"):
            migrations.migrate(shared, next_release)
    assert [one.number for one in migrations.migrate(shared, next_release)] == [2]
