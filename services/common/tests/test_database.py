"""What every kind of database promises, on real ones."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import peewee
import pytest

from services.common.database.database import Database, parameter
from services.common.errors import Conflict, Unavailable
from services.common.runtime.scope import Scope, entered
from services.common.runtime.timeouts import TIMEOUTS
from services.common.tests.tables import make


class Thing(peewee.Model):
    name = peewee.TextField(unique=True)
    amount = peewee.IntegerField(default=0)


@pytest.fixture
def things(database: Database) -> Database:
    make(database, Thing)
    return database


def add(database: Database, name: str) -> None:
    with database.writing():
        Thing.insert(name=name).execute()


def names(database: Database) -> list[str]:
    with database.reading():
        return [thing.name for thing in Thing.select().order_by(Thing.name)]


def ping(database: Database) -> None:
    with database.reading():
        database.peewee.get_tables()


def in_threads(database: Database, count: int, work: Callable[[int], object]) -> list[BaseException]:
    """Run `work` with the numbers below `count`, each in a thread; gives back what was raised."""
    faults: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except (Unavailable, peewee.PeeweeException) as error:
            faults.append(error)
        finally:
            if not database.peewee.is_closed():
                database.peewee.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_what_was_written_is_read_back(things: Database) -> None:
    add(things, "cup")
    assert names(things) == ["cup"]


def test_a_block_that_fails_leaves_nothing(things: Database) -> None:
    with pytest.raises(Conflict), things.writing():
        Thing.insert(name="cup").execute()
        raise Conflict("no")
    assert names(things) == []


def test_a_broken_constraint_is_the_callers_to_understand(things: Database) -> None:
    add(things, "cup")
    with pytest.raises(peewee.IntegrityError):
        add(things, "cup")
    add(things, "pot")
    assert names(things) == ["cup", "pot"]


def test_a_mistake_in_a_query_is_not_an_unavailable_database(postgres_url: str) -> None:
    database = Database(postgres_url, durable=True)
    with pytest.raises(peewee.ProgrammingError), database.reading():
        database.peewee.execute_sql("SELECT nonsense")  # type: ignore[no-untyped-call]
    database.close()


def test_blocks_may_be_nested(things: Database) -> None:
    with things.writing():
        add(things, "cup")
        assert names(things) == ["cup"]
    assert names(things) == ["cup"]


def test_many_writers_lose_nothing(things: Database) -> None:
    add(things, "cup")
    things._busy = 60.0

    def count_up(_: int) -> None:
        for _ in range(10):
            with things.writing():
                Thing.update(amount=Thing.amount + 1).execute()

    assert in_threads(things, 16, count_up) == []
    with things.reading():
        assert Thing.get().amount == 160


def test_no_connection_stays_taken_by_blocks_that_raise(things: Database) -> None:
    def fail(_: int) -> None:
        for _ in range(20):
            with pytest.raises(Conflict), things.reading():
                raise Conflict("no")

    assert in_threads(things, 12, fail) == []
    add(things, "cup")


def test_a_statement_is_its_query_with_other_values_each_time(things: Database) -> None:
    for name in ("cup", "pot", "pan"):
        add(things, name)
    named = Thing.select(Thing.name).where(Thing.name > parameter("after"), Thing.amount == 0)
    page = things.statement(named.order_by(Thing.name).limit(parameter("most")))
    with things.reading():
        assert page.rows(after="", most=2) == [("cup",), ("pan",)]
        assert page.rows(most=5, after="cup") == [("pan",), ("pot",)]
        with pytest.raises(KeyError, match="most"):
            page.rows(after="")


@contextmanager
def locked(things: Database, name: str) -> Iterator[None]:
    """Another thread is writing to that row for as long as the block lasts, but lets go of it after 10 s."""
    inside, done = threading.Event(), threading.Event()

    def hold(_: int) -> None:
        with things.writing():
            Thing.update(amount=7).where(Thing.name == name).execute()
            inside.set()
            done.wait(10)

    holder = threading.Thread(target=in_threads, args=[things, 1, hold])
    holder.start()
    assert inside.wait(5)
    try:
        yield
    finally:
        done.set()
        holder.join()


def test_a_request_waits_no_longer_than_it_has_left_to_answer(things: Database) -> None:
    add(things, "cup")
    things._busy = 60.0
    ending = Scope("request-1", time.monotonic() + 0.2 - (TIMEOUTS.handler - TIMEOUTS.peers))
    with locked(things, "cup"), entered(ending), pytest.raises(Unavailable), things.writing():
        Thing.update(amount=1).execute()


def test_a_block_may_be_in_more_of_a_hurry(things: Database) -> None:
    add(things, "cup")
    things._busy = 60.0
    with locked(things, "cup"), pytest.raises(Unavailable), things.writing(within=0.2):
        Thing.update(amount=1).execute()
    with things.writing(within=20):
        Thing.update(amount=1).execute()
