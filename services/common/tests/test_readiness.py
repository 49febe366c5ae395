"""What a service says of itself while its database is ruined, each way for real."""

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from services.common.database.database import Database
from services.common.database.heartbeat import EVERY, Heartbeat
from services.common.database.readiness import PATIENCE, Condition, Readiness
from services.common.errors import Unavailable
from services.common.runtime.scope import begin, entered
from services.common.tests.tables import HEARTBEAT, make
from services.common.tests.test_database import Thing, in_threads, names
from services.common.tests.test_heartbeat import Elapsed

OK, NOT_WRITABLE, UNREADABLE = Condition(), Condition(True, "not writable"), Condition(False, "unreadable")


class Service:
    """What it keeps is in a file, of some pages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.elapsed = Elapsed()
        self.database = Database(f"sqlite:///{path}", durable=True)
        make(self.database, Thing, HEARTBEAT)
        self.heartbeat = Heartbeat(self.database, elapsed=self.elapsed)
        with self.database.writing():
            for number in range(200):
                Thing.insert(name=f"{number:04} {'x' * 80}").execute()
        with self.database.reading():
            self.database.peewee.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[no-untyped-call]

    def says(self, *, needs_writing: bool = False) -> Condition:
        """After a beat, which is made in a thread of its own as in a server."""
        self.elapsed.seconds += EVERY
        readiness = Readiness(self.database, self.heartbeat, [Thing], needs_writing=needs_writing)
        assert in_threads(self.database, 1, lambda _: readiness()) == []
        return readiness()


@contextmanager
def service(folder: Path) -> Iterator[Service]:
    made = Service(folder / "data.db")
    with closing(made.database):
        yield made


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as made:
        yield made


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte."""
    folder = tmp_path / "volume"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)], capture_output=True)  # noqa: S607
    if mounted.returncode:
        pytest.skip("a volume can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


def torn(path: Path, table: str) -> None:
    """Overwrite each page of a table, as a disk does that fails."""
    with closing(sqlite3.connect(path)) as other:
        pages = [row[0] for row in other.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,))]
        size = other.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(b"\xa5" * size)


def dropped(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE thing")


def replaced(path: Path) -> None:
    path.unlink()
    path.touch()


RUINS: dict[str, Callable[[Path], object]] = {
    "a corrupt table": lambda path: torn(path, "thing"),
    "a missing table": dropped,
    "no file": Path.unlink,
    "another file": replaced,
}


@pytest.mark.parametrize("ruin", RUINS)
def test_what_cannot_be_read_is_not_ready(shop: Service, ruin: str) -> None:
    assert shop.says() == OK
    RUINS[ruin](shop.path)
    assert shop.says() == UNREADABLE


@pytest.mark.parametrize("needs_writing", [True, False])
def test_a_full_disk_is_not_writable_and_then_is_again(volume: Path, needs_writing: bool) -> None:
    with service(volume) as shop:
        assert shop.says() == OK
        filler = volume / "filler"
        with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        shop.says()
        said = {shop.says(needs_writing=needs_writing) for _ in range(3)}
        assert said == {Condition(not needs_writing, "not writable")}
        assert len(names(shop.database)) == 200, "what is read is served"
        filler.unlink()
        assert shop.says() == OK


def test_a_file_system_that_became_read_only_is_not_writable(volume: Path) -> None:
    with service(volume) as shop:
        assert shop.says() == OK
        subprocess.run(["mount", "--bind", str(volume), str(volume)], check=True)  # noqa: S607
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", str(volume)], check=True)  # noqa: S607
            assert shop.says() == NOT_WRITABLE
        finally:
            subprocess.run(["umount", str(volume)], check=True)  # noqa: S607
        assert shop.says() == OK


def test_a_lock_that_lasts_is_not_writable_and_waited_for_once_in_a_while(shop: Service) -> None:
    readiness = Readiness(shop.database, shop.heartbeat, [Thing], needs_writing=True)
    with closing(sqlite3.connect(shop.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        shop.elapsed.seconds += EVERY
        begun = time.monotonic()
        assert readiness() == Condition(False, "not writable")
        assert time.monotonic() - begun > 0.9
        begun = time.monotonic()
        assert {readiness() for _ in range(20)} == {Condition(False, "not writable")}
        assert time.monotonic() - begun < 10, "twenty more waits are 20 s"
    assert shop.says(needs_writing=True) == OK


def test_a_request_that_could_not_be_written_is_enough_to_know(shop: Service) -> None:
    readiness = Readiness(shop.database, shop.heartbeat, [Thing], needs_writing=True)
    with closing(sqlite3.connect(shop.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        shop.elapsed.seconds += EVERY
        with pytest.raises(Unavailable):
            shop.heartbeat()
        assert readiness() == Condition(False, "not writable")
    assert shop.says(needs_writing=True) == OK


def test_between_two_beats_it_is_answered_in_the_loop_and_writes_nothing(shop: Service) -> None:
    shop.says()
    readiness = Readiness(shop.database, shop.heartbeat, [Thing], needs_writing=True)
    with entered(begin(None, None, in_loop=True)):
        before = _written(shop.path)
        assert {readiness() for _ in range(100)} == {OK}
        assert _written(shop.path) == before


def _written(path: Path) -> bytes:
    return path.with_name("data.db-wal").read_bytes()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_table_that_is_dropped_is_unreadable_whatever_the_database(kind: str, request: pytest.FixtureRequest) -> None:
    database = Database(request.getfixturevalue(f"{kind}_url"), durable=True)
    with closing(database):
        make(database, Thing, HEARTBEAT)
        readiness = Readiness(database, Heartbeat(database), [Thing], needs_writing=True)
        assert readiness() == OK
        with database.writing():
            database.peewee.drop_tables([Thing])
        assert readiness() == UNREADABLE


@contextmanager
def left_for_reading(database: Database) -> Iterator[list[float]]:
    """How long each block that reads may wait."""
    seconds, reading = [], database.reading

    def noted(*, within: float) -> AbstractContextManager[None]:
        seconds.append(within)
        return reading(within=within)

    database.reading = noted  # type: ignore[assignment]
    yield seconds
    database.reading = reading  # type: ignore[method-assign]


def test_one_patience_is_enough_for_the_beat_and_the_rows(postgres_url: str) -> None:
    database, elapsed = Database(postgres_url, durable=True), Elapsed()
    with closing(database), psycopg.connect(postgres_url) as other:
        make(database, Thing, HEARTBEAT)
        readiness = Readiness(database, Heartbeat(database, elapsed=elapsed), [Thing], needs_writing=True)
        assert readiness() == OK
        other.execute("LOCK TABLE heartbeat, thing IN ACCESS EXCLUSIVE MODE")
        elapsed.seconds += EVERY
        with left_for_reading(database) as seconds:
            assert readiness() == UNREADABLE
        assert seconds[0] < PATIENCE / 2, "the beat has waited already"
        other.rollback()
        elapsed.seconds += EVERY
        assert readiness() == OK
