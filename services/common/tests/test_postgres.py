"""PostgreSQL: the pool, restarts, and waiting that ends."""

import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from services.common.database.database import Database
from services.common.database.patience import patience
from services.common.database.postgres import (
    FRESH,
    LEAST,
    MOMENT,
    OPENING,
    POOL,
    SHARE,
    STALE,
    Turns,
    _opening,
    _seconds,
    _under,
)
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
    """The block has to end before the process goes on by itself, after PATIENCE seconds."""
    assert isinstance(process, int)
    os.kill(process, signal.SIGSTOP)
    thaw = threading.Timer(PATIENCE, os.kill, [process, signal.SIGCONT])
    thaw.start()
    try:
        yield
    finally:
        is_frozen = thaw.is_alive()
        thaw.cancel()
        os.kill(process, signal.SIGCONT)
        assert is_frozen


def in_loop() -> AbstractContextManager[object]:
    return entered(begin(None, None, in_loop=True))


def test_the_loop_connects_and_writes_nowhere(things: Database) -> None:
    with in_loop(), pytest.raises(NeedsThread):
        names(things)
    add(things, "cup")
    with in_loop(), pytest.raises(NeedsThread):
        add(things, "pot")
    assert names(things) == ["cup"]


def test_the_loop_reads_over_a_connection_that_is_there(things: Database) -> None:
    add(things, "cup")
    found: list[str] = []
    deadline = time.monotonic() + PATIENCE
    while not found and time.monotonic() < deadline:  # on a busy machine it may take longer than the loop waits
        with suppress(NeedsThread), in_loop():
            found = names(things)
        ping(things)
    assert found == ["cup"]


def test_the_loop_waits_a_moment_for_an_answer(things: Database) -> None:
    with frozen(one(things, "SELECT pg_backend_pid()")), in_loop(), pytest.raises(NeedsThread):
        names(things)


def test_connections_are_made_a_few_at_a_time(postgres_url: str) -> None:
    """A server that hangs gets no crowd of attempts."""
    database = Database(postgres_url, durable=True, busy=BUSY)
    with closing(database), ExitStack() as under_way:
        for _ in range(OPENING):
            _opening.acquire()
            under_way.callback(_opening.release)
        with pytest.raises(Unavailable), database.reading():
            pass
        under_way.close()
        with database.reading():
            pass


def test_a_connection_that_is_old_is_closed_in_use_or_not(things: Database) -> None:
    with things.reading(), ThreadPoolExecutor() as pool:
        unused = pool.submit(one, things, "SELECT pg_backend_pid()").result()
    used = one(things, "SELECT pg_backend_pid()")
    assert used != unused
    with things.reading():
        things.peewee.connection()._made -= STALE  # type: ignore[no-untyped-call]
    assert one(things, "SELECT pg_backend_pid()") == unused

    with things.reading(), ThreadPoolExecutor() as pool:
        pool.submit(one, things, "SELECT 1").result()
    things.peewee._idle[0]._made -= STALE  # type: ignore[attr-defined]
    used = one(things, "SELECT pg_backend_pid()")
    assert [kept.info.backend_pid for kept in things.peewee._idle] == [used]  # type: ignore[attr-defined]


def test_the_loop_waits_least_for_an_answer_and_nobody_longer_than_busy() -> None:
    with _under(patience(BUSY, math.inf)):
        assert _seconds() == BUSY
    with in_loop(), _under(patience(BUSY, math.inf)):
        assert _seconds() == LEAST


def test_a_read_that_keeps_the_loop_for_long_leaves_the_next_ones_to_threads() -> None:
    now = 0.0
    turns = Turns(lambda: now)
    with in_loop():
        with turns.taken():
            now += MOMENT
        with turns.taken():
            now += MOMENT + 1
        now += (MOMENT + 1) * (1 / SHARE - 1) - 0.01
        with pytest.raises(NeedsThread), turns.taken():
            pass
        now += 0.02
        with turns.taken():
            pass


def test_a_connection_that_just_answered_is_not_asked_whether_it_lives(things: Database, tmp_path: Path) -> None:
    with (tmp_path / "trace").open("wb") as trace:
        with things.reading():
            libpq = things.peewee.connection().pgconn  # type: ignore[no-untyped-call]
            libpq.trace(trace.fileno())
        for _ in range(20):
            names(things)
        libpq.untrace()
    answers = (tmp_path / "trace").read_text().count("ReadyForQuery")
    assert 20 <= answers < 40, "on a slow machine one may grow old, but not each"


def test_a_connection_that_the_server_closed_is_not_used(things: Database, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as other:
        for _ in range(5):
            other.execute("SELECT pg_terminate_backend(%s, 30000)", [one(things, "SELECT pg_backend_pid()")])
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
                release.wait(PATIENCE)
                return

    holders = [threading.Thread(target=hold, args=[number]) for number in range(POOL)]
    for holder in holders:
        holder.start()
    for _ in holders:
        inside.acquire()
    with pytest.raises(Unavailable):
        ping(things)
    assert all(holder.is_alive() for holder in holders), "it did not wait for one of them"
    release.set()
    for holder in holders:
        holder.join()
    ping(things)


def test_a_row_locked_by_another_is_unavailable_in_time_and_untouched(things: Database, postgres_url: str) -> None:
    add(things, "cup")
    with psycopg.connect(postgres_url) as other:
        other.execute("UPDATE thing SET amount = 7")
        release = threading.Timer(PATIENCE, other.rollback)
        release.start()
        with pytest.raises(Unavailable), things.writing():
            Thing.insert(name="pot").execute()
            Thing.update(amount=1).execute()
        assert release.is_alive(), "it did not wait for the other"
        release.cancel()
    assert names(things) == ["cup"]


def test_a_restarted_server_is_found_again_without_an_error(things: Database, postgres_server: Server) -> None:
    add(things, "cup")
    postgres_server.stop()
    postgres_server.start()
    assert names(things) == ["cup"]
    add(things, "pot")


def test_a_stopped_server_is_unavailable_at_once(things: Database, postgres_url: str, postgres_server: Server) -> None:
    postgres_server.stop()
    try:
        with closing(Database(postgres_url, durable=True, busy=PATIENCE)) as patient:
            begun = time.monotonic()
            with pytest.raises(Unavailable):
                ping(patient)
            with pytest.raises(Unavailable):
                add(patient, "cup")
            assert time.monotonic() - begun < PATIENCE
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
        list(Thing.select())


def test_a_kept_connection_that_hangs_is_replaced(things: Database, postgres_url: str) -> None:
    with closing(Database(postgres_url, durable=True)) as database:
        database.bind([Thing])
        with frozen(one(database, "SELECT pg_backend_pid()")):
            time.sleep(FRESH)
            assert names(database) == []


def test_a_server_that_takes_no_connections_is_given_up_in_time(postgres_url: str, postgres_server: Server) -> None:
    database = Database(postgres_url, durable=True, busy=BUSY)
    with frozen(int((Path(postgres_server.data) / "postmaster.pid").read_text().split()[0])):
        assert len(in_threads(database, 4, lambda _: ping(database))) == 4


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
