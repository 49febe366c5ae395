"""One service's own PostgreSQL database: Peewee's pool over psycopg 3, every wait bounded (reliability S10)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import peewee
import psycopg
from playhouse.pool import PooledPostgresqlDatabase
from psycopg.abc import PQGen

POOL = 8
STALE = 300.0
SCHEMA_LOCK = 7_160_513
Result = TypeVar("Result")


class PostgresEngine:
    """At most POOL connections, handed out for one block each; `busy` seconds bound every wait for one or for a lock.

    A commit is always on disk when it is acknowledged, PostgreSQL's own default. An idle connection that died, as when
    the server restarts, is replaced unseen.
    """

    def __init__(self, url: str, *, busy: float) -> None:
        self.peewee: peewee.Database = PooledPostgresqlDatabase(None)
        self.peewee.psycopg3_adapter = lambda: _Adapter(busy)
        self.peewee.init(
            url, prefer_psycopg3=True, max_connections=POOL, stale_timeout=STALE, timeout=busy, **_limits(busy)
        )
        self._busy = busy
        self._opening = threading.Lock()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """A connection from the pool, this thread's until the outermost block ends."""
        if not self.peewee.is_closed():
            yield
            return
        self._open()
        try:
            yield
        finally:
            self.peewee.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block or nothing."""
        with self.opened(), self.peewee.atomic():
            yield

    def lock_schema(self) -> None:
        """Let one replica at a time make tables; until the transaction ends."""
        self.peewee.execute_sql("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))  # type: ignore[no-untyped-call]

    def discard(self) -> None:
        """Nothing to do: the pool looks at a connection when it comes back, and again before it is handed out."""

    def close(self) -> None:
        self.peewee.close_all()  # type: ignore[attr-defined]

    def _open(self) -> None:
        """Peewee opens one connection at a time; a server that hangs must not make the others queue for ever."""
        if not self._opening.acquire(timeout=self._busy):
            raise peewee.OperationalError("other threads are still trying to connect")
        try:
            self.peewee.connect()
        finally:
            self._opening.release()


class _Adapter(peewee.Psycopg3Adapter):
    """Peewee's way to psycopg 3, with connections that give up waiting for an answer."""

    def __init__(self, limit: float) -> None:
        super().__init__()
        self._limit = limit

    def connect(self, db: peewee.Database, **parameters: Any) -> "_Connection":
        connection = _Connection.connect(db.database, **parameters)
        connection.limit = self._limit
        return connection


class _Connection(psycopg.Connection[Any]):
    """`limit`: seconds within which the server answers, whatever its own timeouts do (it may be stopped or cut off)."""

    limit: float | None = None

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        try:
            return super().wait(gen, interval, self.limit if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("no answer from the server in time") from error


def _limits(seconds: float) -> dict[str, Any]:
    """Connection parameters: the server ends what takes longer than `seconds`, a little before we stop waiting."""
    milliseconds = int(seconds * 900)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    options = " ".join(f"-c {name}={milliseconds}" for name in names)
    return {"connect_timeout": 2, "options": options, "application_name": "service"}
