"""One service's own PostgreSQL database: Peewee's pool over psycopg 3, every wait bounded (reliability S10)."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

import peewee
import psycopg
from playhouse.pool import PooledPostgresqlDatabase
from psycopg.abc import PQGen

from services.common.database.database import CommitUnknown
from services.common.database.patience import Patience
from services.common.runtime import scope
from services.common.runtime.timeouts import TIMEOUTS

POOL = 24
"""As many as a service has threads, at least: one that may begin finds a connection."""
STALE = 300.0
LEAST = 0.05
Result = TypeVar("Result")

NO_BLOCK = Patience(TIMEOUTS.database_busy)
_patience: ContextVar[Patience] = ContextVar("patience", default=NO_BLOCK)


class PostgresEngine:
    """At most POOL connections, handed out for one block each; its patience bounds every wait for one and for an
    answer, and the server ends by itself what takes longer than `busy` seconds.

    A commit is always on disk when it is acknowledged, PostgreSQL's own default. An idle connection that died, as when
    the server restarts, is replaced unseen.
    """

    def __init__(self, url: str, *, busy: float) -> None:
        self.peewee: peewee.Database = _Pool(None)
        self.peewee.psycopg3_adapter = _Adapter
        self.peewee.init(url, prefer_psycopg3=True, max_connections=POOL, stale_timeout=STALE, **_limits(busy))
        self._places = threading.BoundedSemaphore(POOL)
        self._opening = threading.Lock()

    @contextmanager
    def opened(self, patience: Patience) -> Iterator[None]:
        """A connection from the pool, this thread's until the outermost block ends."""
        if not self.peewee.is_closed():
            yield
            return
        scope.current().require_thread()
        connecting = patience.as_one()
        with _held(self._places, connecting, "every connection is in use"):
            self._open(connecting)
            try:
                with _under(patience):
                    yield
            finally:
                self.peewee.close()

    @contextmanager
    def transaction(self, patience: Patience) -> Iterator[None]:
        """Everything in the block or nothing."""
        with self.opened(patience), self.peewee.atomic():
            yield

    def lock(self, name: str) -> None:
        """Let one transaction at a time pass, of all replicas; until it ends."""
        self.peewee.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))  # type: ignore[no-untyped-call]

    def hurry(self) -> None:
        """Of all timeouts only that for locks."""
        self.peewee.execute_sql(f"SET LOCAL lock_timeout = {round(TIMEOUTS.database_busy * 1000)}")  # type: ignore[no-untyped-call]

    def made(self) -> Iterable[str]:
        """What lies beside the tables is lost with them."""
        return ()

    def remember(self, tables: Iterable[str]) -> None:
        """Nothing to do, as above."""

    def discard(self) -> None:
        """Nothing to do: the pool looks at a connection when it comes back, and again before it is handed out."""

    def close(self) -> None:
        self.peewee.close_all()  # type: ignore[attr-defined]

    def _open(self, patience: Patience) -> None:
        """Peewee opens one connection at a time; a server that hangs must not make the others queue for ever."""
        with _held(self._opening, patience, "other threads are still trying to connect"), _under(patience):
            self.peewee.connect()


class _Pool(PooledPostgresqlDatabase):  # type: ignore[misc] # Peewee is untyped
    """A kept connection that does not answer leaves time to make another."""

    def commit(self) -> Any:
        """Raises CommitUnknown where no answer of the server says whether it is done."""
        try:
            return super().commit()
        except (peewee.OperationalError, peewee.InterfaceError) as error:
            if _is_answer(error):
                raise
            raise CommitUnknown("the connection was lost while the server was to commit") from error

    def _is_closed(self, connection: "_Connection") -> bool:
        with _under(Patience(_patience.get().left() / 3)):
            return bool(super()._is_closed(connection))


class _Adapter(peewee.Psycopg3Adapter):
    """Peewee's way to psycopg 3, with connections that give up waiting for an answer."""

    def connect(self, db: peewee.Database, **parameters: Any) -> "_Connection":
        return _in_time(lambda: _Connection.connect(db.database, **parameters))


class _Connection(psycopg.Connection[Any]):
    """The server answers in time, whatever its own timeouts do (it may be stopped or cut off), or it is given up."""

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        try:
            return super().wait(gen, interval, _seconds() if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("no answer from the server in time") from error


class _Holdable(Protocol):
    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...

    def release(self) -> None: ...


@contextmanager
def _under(patience: Patience) -> Iterator[None]:
    token = _patience.set(patience)
    try:
        yield
    finally:
        _patience.reset(token)


@contextmanager
def _held(wanted: _Holdable, patience: Patience, otherwise: str) -> Iterator[None]:
    if not wanted.acquire(timeout=patience.left()):
        raise peewee.OperationalError(otherwise)
    try:
        yield
    finally:
        wanted.release()


def _in_time(connect: Callable[[], _Connection]) -> _Connection:
    """A connection, looking up the name included; one that comes too late is closed. psycopg's own limit is in whole
    seconds, from 2 on.
    """
    future: Future[_Connection] = Future()
    threading.Thread(target=_connect, args=[future, connect], name="connect", daemon=True).start()
    try:
        return future.result(_seconds())
    except TimeoutError as error:
        if future.cancel():
            raise peewee.OperationalError("no connection in time") from error
        return future.result()


def _connect(future: Future[_Connection], connect: Callable[[], _Connection]) -> None:
    try:
        connection = connect()
    except Exception as error:
        if future.set_running_or_notify_cancel():
            future.set_exception(error)
        return
    if future.set_running_or_notify_cancel():
        future.set_result(connection)
    else:
        connection.close()


def _is_answer(error: peewee.PeeweeException) -> bool:
    """Whether the server itself refuses; one that shuts down may have committed before."""
    state = str(getattr(error.__context__, "sqlstate", None) or "57P")
    return not state.startswith("57P")


def _seconds() -> float:
    """What the block under way may wait; a little in any case, so that its end can be told to the server."""
    return max(LEAST, _patience.get().left())


def _limits(seconds: float) -> dict[str, Any]:
    """Connection parameters: the server ends what takes longer than `seconds`, a little before we stop waiting."""
    milliseconds = int(seconds * 900)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    options = " ".join(f"-c {name}={milliseconds}" for name in names)
    return {"connect_timeout": 2, "options": options, "application_name": "service"}
