"""PostgreSQL: the pool, restarts, and waiting that ends."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from services.common.database.database import Database
from services.common.database.postgres import POOL
from services.common.errors import OutcomeUnknown, Unavailable
from services.common.runtime.scope import NeedsThread, begin, entered
from services.common.tests.postgresql import Server
from services.common.tests.tables import make
from services.common.tests.test_database import Thing, add, in_threads, names, ping

pytestmark = pytest.mark.whole


BUSY = 0.3
PATIENCE = 30.0
SLOW_COMMIT = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(20); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON thing DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow();
"""


@pytest.fixture
def things(postgres_url: str) -> Iterator[Database]:
    """A database that waits for a short time only; its table was made with more patience."""
    with closing(Database(postgres_url, durable=True, busy=PATIENCE)) as patient:
        make(patient, Thing)
    database = Database(postgres_url, durable=True, busy=BUSY)
    database.peewee.bind([Thing], bind_refs=False, bind_backrefs=False)
    yield database
    database.close()


def one(database: Database, query: str) -> object:
    with database.reading():
        return database.peewee.execute_sql(query).fetchone()[0]  # type: ignore[no-untyped-call]


@contextmanager
def frozen(process: object) -> Iterator[None]:
    assert isinstance(process, int)
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def test_in_the_loop_a_thread_is_asked_for_before_anything_else(things: Database) -> None:
    with entered(begin(None, None, in_loop=True)), pytest.raises(NeedsThread):
        names(things)
    assert names(things) == []


def test_the_server_too_ends_what_takes_too_long(things: Database) -> None:
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        assert one(things, f"SHOW {name}") == "270ms"


def test_connections_are_kept_and_few(things: Database, postgres_url: str) -> None:
    def work(_: int) -> None:
        for _ in range(5):
            names(patient)

    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with closing(Database(postgres_url, durable=True, busy=PATIENCE)) as patient:
        patient.bind([Thing])
        assert in_threads(patient, POOL * 2, work) == []
        opened = one(patient, count)
    assert isinstance(opened, int)
    assert 1 <= opened <= POOL


def test_a_thread_that_gets_no_connection_in_time_is_refused(things: Database) -> None:
    inside = threading.Semaphore(0)
    release = threading.Event()

    def hold(_: int) -> None:
        while True:  # a busy machine may need longer to connect than anybody waits for it
            with suppress(Unavailable), things.reading():
                inside.release()
                release.wait(5)
                return

    holders = [threading.Thread(target=hold, args=[number]) for number in range(POOL)]
    for holder in holders:
        holder.start()
    for _ in holders:
        inside.acquire()
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        ping(things)
    assert time.monotonic() - begun < BUSY * 2
    release.set()
    for holder in holders:
        holder.join()
    ping(things)


def test_a_row_locked_by_another_is_unavailable_in_time_and_untouched(things: Database, postgres_url: str) -> None:
    add(things, "cup")
    with psycopg.connect(postgres_url) as other:
        other.execute("UPDATE thing SET amount = 7")
        begun = time.monotonic()
        with pytest.raises(Unavailable), things.writing():
            Thing.insert(name="pot").execute()
            Thing.update(amount=1).execute()
        assert time.monotonic() - begun < BUSY * 2
    assert names(things) == ["cup"]


def test_a_restarted_server_is_found_again_without_an_error(things: Database, postgres_server: Server) -> None:
    add(things, "cup")
    postgres_server.stop()
    postgres_server.start()
    assert names(things) == ["cup"]
    add(things, "pot")


def test_a_stopped_server_is_unavailable_at_once(things: Database, postgres_server: Server) -> None:
    postgres_server.stop()
    try:
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            ping(things)
        with pytest.raises(Unavailable):
            add(things, "cup")
        assert time.monotonic() - begun < 0.5
    finally:
        postgres_server.start()
    assert names(things) == []


def test_a_server_that_dies_within_a_block_leaves_nothing(things: Database, postgres_server: Server) -> None:
    try:
        with pytest.raises(Unavailable), things.writing():
            Thing.insert(name="cup").execute()
            postgres_server.stop()
    finally:
        postgres_server.start()
    assert names(things) == []


def test_of_a_server_that_dies_while_it_commits_nobody_knows_the_outcome(
    things: Database, postgres_url: str, postgres_server: Server
) -> None:
    with things.writing():
        things.peewee.execute_sql(SLOW_COMMIT)  # type: ignore[no-untyped-call]

    def kill() -> None:
        committing = "SELECT FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"
        deadline = time.monotonic() + PATIENCE
        with psycopg.connect(postgres_url, autocommit=True) as observer:
            while not observer.execute(committing).rowcount and time.monotonic() < deadline:
                time.sleep(0.01)
        postgres_server.stop()

    death = threading.Thread(target=kill)
    with closing(Database(postgres_url, durable=True, busy=PATIENCE)) as patient:
        patient.bind([Thing])
        try:
            with pytest.raises(OutcomeUnknown), patient.writing():
                Thing.insert(name="cup").execute()
                death.start()
        finally:
            death.join()
            postgres_server.start()


def test_of_a_commit_that_is_not_answered_in_time_nobody_knows_the_outcome(things: Database) -> None:
    with ExitStack() as undo, pytest.raises(OutcomeUnknown), things.writing():
        Thing.insert(name="cup").execute()
        undo.enter_context(frozen(one(things, "SELECT pg_backend_pid()")))


def test_a_commit_that_the_server_refuses_is_not_done(things: Database) -> None:
    with things.writing():
        things.peewee.execute_sql(SLOW_COMMIT.replace("PERFORM pg_sleep(20)", "RAISE disk_full"))  # type: ignore[no-untyped-call]
    with pytest.raises(Unavailable) as refused, things.writing():
        Thing.insert(name="cup").execute()
    assert not isinstance(refused.value, OutcomeUnknown)
    assert names(things) == []


def test_an_answer_that_does_not_come_is_given_up_in_time(things: Database) -> None:
    with pytest.raises(Unavailable), things.reading(), frozen(one(things, "SELECT pg_backend_pid()")):
        begun = time.monotonic()
        list(Thing.select())
    assert time.monotonic() - begun < BUSY * 2


def test_a_kept_connection_that_hangs_is_replaced(things: Database) -> None:
    with frozen(one(things, "SELECT pg_backend_pid()")):
        begun = time.monotonic()
        assert names(things) == []
        assert time.monotonic() - begun < BUSY * 2


def test_a_server_that_takes_no_connections_is_given_up_in_time(postgres_url: str, postgres_server: Server) -> None:
    database = Database(postgres_url, durable=True, busy=BUSY)
    with frozen(int((Path(postgres_server.data) / "postmaster.pid").read_text().split()[0])):
        begun = time.monotonic()
        assert len(in_threads(database, 4, lambda _: ping(database))) == 4
        assert time.monotonic() - begun < BUSY * 2


def test_a_connection_that_comes_too_late_is_closed(postgres_url: str, postgres_server: Server) -> None:
    database = Database(postgres_url, durable=True, busy=BUSY)
    with (
        frozen(int((Path(postgres_server.data) / "postmaster.pid").read_text().split()[0])),
        pytest.raises(Unavailable),
    ):
        ping(database)
    others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'service' AND pid != pg_backend_pid()"
    deadline = time.monotonic() + 5
    while (left := one(database, others)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == 0
    database.close()
