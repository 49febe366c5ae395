"""SQLite files: their settings, and every way in which one can be unavailable."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest
from structlog.testing import capture_logs

from services.common.database.database import Database
from services.common.errors import Unavailable
from services.common.runtime.scope import NeedsThread, begin, entered
from services.common.tests.tables import make
from services.common.tests.test_database import Thing, add, in_threads, names, ping

BUSY = 0.2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.db"


@pytest.fixture
def things(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}", durable=True, busy=BUSY)
    make(database, Thing)
    yield database
    database.close()


def pragma(database: Database, name: str) -> object:
    with database.reading():
        return database.peewee.pragma(name)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 1)])
def test_the_settings_are_those_that_were_measured(path: Path, durable: bool, synchronous: int) -> None:
    database = Database(f"sqlite:///{path}", durable=durable)
    settings = [pragma(database, name) for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")]
    assert settings == ["wal", 1, synchronous, 1500]
    database.close()


def test_nothing_is_opened_before_the_first_use(path: Path) -> None:
    Database(f"sqlite:///{path}", durable=True)
    assert not path.exists()


def test_a_threads_connection_is_kept(things: Database) -> None:
    def connection() -> int:
        with things.reading():
            return id(things.peewee.connection())  # type: ignore[no-untyped-call]

    assert connection() == connection()


def test_a_database_locked_by_another_process_is_unavailable_in_time_and_untouched(
    things: Database, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(Unavailable) as refused:
        add(things, "cup")
    assert BUSY <= time.monotonic() - begun < BUSY + 0.3
    assert refused.value.retry_after == 1
    assert names(things) == []
    other.execute("ROLLBACK")
    other.close()
    add(things, "cup")
    assert names(things) == ["cup"]


def test_writers_queue_and_wait_no_longer_than_one_would(things: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    faults = in_threads(things, 6, lambda number: add(things, f"cup {number}"))
    assert len(faults) == 6
    assert time.monotonic() - begun < BUSY * 2
    other.close()


def test_readers_do_not_wait_for_a_writer(things: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    ping(things)
    assert names(things) == []
    assert time.monotonic() - begun < BUSY / 2
    other.close()


def test_in_the_loop_a_fault_is_for_a_thread_to_judge_and_the_connection_stays(things: Database, path: Path) -> None:
    add(things, "cup")
    connection = id(things.peewee.connection())  # type: ignore[no-untyped-call]
    kept = path.rename(path.with_suffix(".kept"))
    with entered(begin(None, None, in_loop=True)), pytest.raises(NeedsThread):
        names(things)
    kept.rename(path)
    with entered(begin(None, None, in_loop=True)):
        assert names(things) == ["cup"]
        assert pragma(things, "busy_timeout") == 0
    assert id(things.peewee.connection()) == connection, "to open another could take its time"  # type: ignore[no-untyped-call]


def test_a_full_disk_is_unavailable_and_leaves_nothing_half_written(things: Database) -> None:
    add(things, "cup")
    pages = pragma(things, "page_count")
    things.peewee.pragma("max_page_count", pages)  # type: ignore[attr-defined]
    with capture_logs() as lines, pytest.raises(Unavailable), things.writing():
        Thing.insert(name="pot").execute()
        Thing.insert(name="x" * 100_000).execute()
    assert [line["reason"] for line in lines] == ["database or disk is full"]
    assert names(things) == ["cup"]
    things.peewee.pragma("max_page_count", 10_000)  # type: ignore[attr-defined]
    add(things, "pan")
    assert names(things) == ["cup", "pan"]


@pytest.mark.parametrize("use", [names, lambda database: add(database, "pot"), ping])
def test_a_removed_file_is_unavailable_and_not_silently_made_anew(things: Database, path: Path, use: object) -> None:
    add(things, "cup")
    kept = path.rename(path.with_suffix(".kept"))
    with pytest.raises(Unavailable):
        use(things)  # type: ignore[operator]
    assert not path.exists()
    kept.rename(path)
    assert names(things) == ["cup"]


def test_a_replaced_file_is_unavailable(things: Database, path: Path) -> None:
    path.rename(path.with_suffix(".kept"))
    sqlite3.connect(path).close()
    with pytest.raises(Unavailable):
        add(things, "cup")


def test_a_write_into_a_file_that_vanished_meanwhile_is_not_acknowledged(things: Database, path: Path) -> None:
    with pytest.raises(Unavailable), things.writing():
        Thing.insert(name="cup").execute()
        path.rename(path.with_suffix(".kept"))


def test_a_file_that_is_no_database_is_unavailable(path: Path) -> None:
    path.write_bytes(b"these are not the pages you are looking for" * 100)
    database = Database(f"sqlite:///{path}", durable=True)
    with pytest.raises(Unavailable):
        make(database, Thing)
    database.close()


def test_a_folder_that_does_not_exist_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        ping(Database(f"sqlite:///{tmp_path}/none/data.db", durable=True))


def test_a_writer_keeps_others_out_from_its_first_statement_on(things: Database, path: Path) -> None:
    """Else who reads before it writes fails at once when another has written meanwhile (reliability T17)."""
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with things.writing():
        list(Thing.select())
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO thing (name, amount) VALUES ('pot', 0)")
        Thing.insert(name="cup").execute()
    other.close()
    assert names(things) == ["cup"]


def test_a_writer_that_takes_long_makes_others_of_its_process_give_up_in_time(things: Database) -> None:
    inside, release = threading.Event(), threading.Event()

    def slow(_: int) -> None:
        with things.writing():
            inside.set()
            release.wait(5)

    holder = threading.Thread(target=in_threads, args=[things, 1, slow])
    holder.start()
    inside.wait(5)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        add(things, "cup")
    assert time.monotonic() - begun < BUSY + 0.3
    release.set()
    holder.join()


def test_a_new_thread_does_not_make_a_removed_file_anew_either(things: Database, path: Path) -> None:
    path.rename(path.with_suffix(".kept"))
    assert len(in_threads(things, 1, lambda _: ping(things))) == 1
    assert not path.exists()


def test_a_fault_says_why_only_in_the_log(things: Database, path: Path) -> None:
    path.rename(path.with_suffix(".kept"))
    with pytest.raises(Unavailable) as refused:
        ping(things)
    assert str(path) not in str(refused.value)
    assert isinstance(refused.value.__cause__, OSError | peewee.PeeweeException)


def modes(path: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}


PRIVATE = {"data.db": 0o600, "data.db-wal": 0o600, "data.db-shm": 0o600}


def test_nobody_else_may_read_what_is_stored(path: Path, things: Database) -> None:
    add(things, "a thing")
    assert modes(path) == PRIVATE


def test_files_that_others_could_read_are_closed_to_them(path: Path) -> None:
    before = sqlite3.connect(path)
    before.execute("PRAGMA journal_mode=wal")
    before.execute("CREATE TABLE kept (id)")
    assert set(modes(path).values()) == {0o644}
    database = Database(f"sqlite:///{path}", durable=True, busy=BUSY)
    with database.reading():
        assert modes(path) == PRIVATE
    before.close()
    database.close()
