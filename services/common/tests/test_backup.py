"""Backups of a real file that others write to meanwhile."""

import itertools
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from services.common.database.backup import Unusable, backup, restore
from services.common.database.database import Database
from services.common.errors import SettingsError
from services.common.tests.tables import HEARTBEAT, make
from services.common.tests.test_database import Thing, add, in_threads, names


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data.db'}"


@pytest.fixture
def things(url: str) -> Iterator[Database]:
    with closing(Database(url, durable=True)) as database:
        make(database, Thing)
        yield database


def restore_things(url: str, file: str, *, within: float) -> str:
    return restore(url, file, [Thing], within=within)


@contextmanager
def written_to(things: Database) -> Iterator[list[str]]:
    """Four threads write for as long as the block lasts; what they know to be kept."""
    kept: list[str] = []
    over, numbers = threading.Event(), itertools.count()

    def write(_: int) -> None:
        while not over.is_set():
            name = f"thing {next(numbers)}"
            add(things, name)
            kept.append(name)

    writers = threading.Thread(target=in_threads, args=[things, 4, write])
    writers.start()
    try:
        yield kept
    finally:
        over.set()
        writers.join()


def test_nothing_that_was_acknowledged_before_it_began_is_lost(things: Database, url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    with written_to(things) as kept:
        for _ in range(5):
            deadline = time.monotonic() + 20
            while len(kept) < 20:
                assert time.monotonic() < deadline
                time.sleep(0.001)
            before = set(kept)
            assert "copied in" in backup(url, str(file))
            restore(url, str(file), [Thing])
            assert before <= set(names(things)), "also for who has it open"
            kept.clear()
    assert [path.name for path in tmp_path.glob(".backup-*")] == []


def test_a_backup_is_for_its_owner_alone_and_one_whole_file(things: Database, url: str, tmp_path: Path) -> None:
    add(things, "cup")
    backup(url, str(tmp_path / "backup"))
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(f"file:{tmp_path / 'backup'}?immutable=1", uri=True)) as copy:
        assert copy.execute("SELECT name FROM thing").fetchall() == [("cup",)]


def test_a_lost_database_is_there_again(things: Database, url: str, tmp_path: Path) -> None:
    add(things, "cup")
    backup(url, str(tmp_path / "backup"))
    things.close()
    (tmp_path / "data.db").unlink()
    line = restore(url, str(tmp_path / "backup"), [Thing])
    assert line.startswith("1 thing restored in ")
    assert (tmp_path / "data.db").stat().st_mode & 0o777 == 0o600
    with closing(Database(url, durable=True)) as later:
        make(later, Thing)
        assert names(later) == ["cup"]


def test_an_older_backup_without_a_table_of_today_needs_a_start(things: Database, url: str, tmp_path: Path) -> None:
    backup(url, str(tmp_path / "backup"))
    make(things, HEARTBEAT)
    things.remember(["heartbeat", "thing"])
    line = restore(url, str(tmp_path / "backup"), [Thing])
    assert line.endswith("; a service that runs has to be started again\n")
    assert [*things.made()] == ["thing"]


@pytest.mark.parametrize("command", [backup, restore_things])
def test_a_database_that_stays_locked_is_not_waited_for_for_ever(
    things: Database, url: str, tmp_path: Path, command: Callable[..., object]
) -> None:
    backup(url, str(tmp_path / "backup"))
    things.close()
    with closing(sqlite3.connect(tmp_path / "data.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = exclusive")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError, match="the database is locked"):
            command(url, str(tmp_path / "backup"), within=0.3)


@pytest.mark.parametrize("content", [b"", b"no database" * 1000, None])
def test_what_is_no_backup_of_the_service_changes_nothing(
    things: Database, url: str, tmp_path: Path, content: bytes | None
) -> None:
    add(things, "cup")
    if content is None:
        backup(url, str(tmp_path / "backup"))
        torn = bytearray((tmp_path / "backup").read_bytes())
        torn[4096:] = b"\xa5" * len(torn[4096:])
        content = bytes(torn)
    (tmp_path / "backup").write_bytes(content)
    with pytest.raises(Unusable):
        restore(url, str(tmp_path / "backup"), [Thing])
    assert names(things) == ["cup"]


def test_there_is_nothing_to_copy_where_nothing_is(url: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        backup(url, str(tmp_path / "backup"))
    assert list(tmp_path.iterdir()) == []


def test_postgresql_has_tools_of_its_own() -> None:
    with pytest.raises(SettingsError, match="pg_dump"):
        backup("postgresql://localhost/orders", "-")
