"""Writers who come together are written together; a mistake is one's own, a fault everybody's."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee
import pytest

from services.common.database.database import Database
from services.common.errors import Conflict, Unavailable
from services.common.tests.tables import make
from services.common.tests.test_database import Thing, in_threads, names

BUSY = 0.3
WRITERS = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.db"


@pytest.fixture
def things(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}", durable=True, busy=BUSY)
    make(database, Thing)
    yield database
    database.close()


def keep(database: Database, name: str) -> int:
    return int(database.write(lambda: Thing.insert(name=name).execute()))


def adding(things: Database) -> Callable[[int], None]:
    def add(number: int) -> None:
        keep(things, f"cup {number}")

    return add


@contextmanager
def all_together(things: Database, count: int) -> Iterator[None]:
    """Nobody's turn comes before `count` writers wait; the block starts them."""
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        leave.wait(5)

    holder = threading.Thread(target=in_threads, args=[things, 1, lambda _: things.write(hold)])
    holder.start()
    assert inside.wait(5)

    def release() -> None:
        while len(things._group._waiting) < count:  # type: ignore[union-attr]
            time.sleep(0.001)
        leave.set()

    releasing = threading.Thread(target=release)
    releasing.start()
    yield
    releasing.join()
    holder.join()


def test_what_the_work_gives_back_is_the_answer(database: Database) -> None:
    make(database, Thing)
    assert keep(database, "cup") == 1
    assert names(database) == ["cup"]


def commits(path: Path) -> int:
    """How many there are in the write-ahead log: a frame's second word is not 0 where it ends a transaction."""
    content = Path(f"{path}-wal").read_bytes()
    frame = 24 + int.from_bytes(content[8:12], "big")
    return sum(any(content[at + 4 : at + 8]) for at in range(32, len(content), frame))


def test_writers_who_wait_share_one_transaction(things: Database, path: Path) -> None:
    before = commits(path)
    with all_together(things, WRITERS):
        faults = in_threads(things, WRITERS, adding(things))
    assert (faults, commits(path) - before, len(names(things))) == ([], 1, WRITERS)


def test_a_mistake_undoes_its_own_work_alone(things: Database) -> None:
    keep(things, "cup 3")
    with all_together(things, WRITERS):
        faults = in_threads(things, WRITERS, adding(things))
    assert [type(fault) for fault in faults] == [peewee.IntegrityError]
    assert len(names(things)) == WRITERS


def test_work_that_raises_after_it_has_written_leaves_nothing(database: Database) -> None:
    make(database, Thing)

    def work() -> None:
        Thing.insert(name="cup").execute()
        raise Conflict("no")

    with pytest.raises(Conflict):
        database.write(work)
    keep(database, "pot")
    assert names(database) == ["pot"]


def test_a_fault_of_the_database_is_everybodys(things: Database) -> None:
    def fill(number: int) -> None:
        text = "x" * 100_000 if number == 3 else f"cup {number}"
        things.write(lambda: Thing.insert(name=text).execute())

    with things.writing():
        pages = things.peewee.pragma("page_count")  # type: ignore[attr-defined]
    things.peewee.pragma("max_page_count", pages + 5, permanent=True)  # type: ignore[attr-defined]
    with all_together(things, WRITERS):
        faults = in_threads(things, WRITERS, fill)
    assert [type(fault) for fault in faults] == [Unavailable] * WRITERS
    assert len({id(fault) for fault in faults}) == WRITERS, "each may change its own"
    assert names(things) == []


def test_who_waits_too_long_is_refused_and_not_written_later(things: Database) -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        leave.wait(5)

    holder = threading.Thread(target=in_threads, args=[things, 1, lambda _: things.write(hold)])
    holder.start()
    assert inside.wait(5)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        keep(things, "cup")
    assert BUSY <= time.monotonic() - begun < BUSY + 0.3
    leave.set()
    holder.join()
    keep(things, "pot")
    assert names(things) == ["pot"]


def test_a_database_locked_by_another_process_is_unavailable_to_all_and_untouched(things: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    faults = in_threads(things, WRITERS, adding(things))
    assert [type(fault) for fault in faults] == [Unavailable] * WRITERS
    assert time.monotonic() - begun < BUSY * 3
    other.execute("ROLLBACK")
    other.close()
    assert names(things) == []


def test_nothing_is_acknowledged_when_the_writer_breaks_down(things: Database) -> None:
    """The thread that writes for all breaks down: there is no memory left for the commit."""

    broken: list[int] = []

    def add(number: int) -> None:
        try:
            keep(things, f"cup {number}")
        except MemoryError:
            broken.append(number)

    with all_together(things, WRITERS):
        group = things._group
        assert group
        transaction = group._transaction

        @contextmanager
        def without_memory(seconds: float) -> Iterator[None]:
            group._transaction = transaction
            with transaction(seconds):
                yield
                raise MemoryError

        group._transaction = without_memory
        faults = in_threads(things, WRITERS, add)
    assert (len(broken), [type(fault) for fault in faults]) == (1, [Unavailable] * (WRITERS - 1))
    assert names(things) == []
