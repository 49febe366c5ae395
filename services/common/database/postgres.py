"""One service's own PostgreSQL database: Peewee over psycopg 3, every wait bounded (reliability S10)."""

import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

import peewee
import psycopg
from psycopg.abc import PQGen

from services.common.database.database import CommitUnknown
from services.common.database.patience import Patience
from services.common.runtime import scope
from services.common.runtime.timeouts import TIMEOUTS

POOL = 24
"""As many as a service has threads, at least: one that may begin finds a connection."""
STALE = 300.0
"""Seconds after which a connection is closed when it is given back, or is the one that nobody needed for longest."""
FRESH = 0.2
"""Seconds for which a connection that gave an answer is taken to be alive, unless its socket says otherwise."""
LEAST = 0.05
OPENING = 4
"""Connections that are made at the same time, at most."""
MOMENT = 0.002
"""Seconds for which a read may keep the server's loop: about as much as a thread would take of the interpreter."""
SHARE = 0.1
"""Of the loop's time, the most that reads take which keep it for longer."""
Result = TypeVar("Result")

_opening = threading.BoundedSemaphore(OPENING)
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
        self.peewee.init(url, prefer_psycopg3=True, **_limits(busy))
        self._places = threading.BoundedSemaphore(POOL)
        self._turns = Turns()

    @contextmanager
    def opened(self, patience: Patience) -> Iterator[None]:
        """A connection from the pool, this thread's until the outermost block ends."""
        if not self.peewee.is_closed():
            yield
            return
        connecting = patience.as_one()
        with self._turns.taken(), _held(self._places, connecting, "every connection is in use"):
            with _under(connecting):
                self.peewee.connect()
            try:
                with _under(patience):
                    yield
            finally:
                self.peewee.close()

    @contextmanager
    def transaction(self, patience: Patience) -> Iterator[None]:
        """Everything in the block or nothing."""
        scope.current().require_thread()
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
        self.peewee.close_idle()  # type: ignore[attr-defined]


class Turns:
    """Reads in the server's loop, which keep all others waiting: where they take longer than MOMENT, as where the
    server is far away or slow, threads read for a while, so that no more than SHARE of the loop's time is lost.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_at = clock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Around a block; in a thread there is nothing to do."""
        here, began = scope.current(), self._clock()
        if began < self._next_at:
            here.require_thread()
        try:
            yield
        finally:
            now = self._clock()
            if here.in_loop and now - began > MOMENT:
                self._next_at = now + (now - began) * (1 - SHARE) / SHARE


class _Pool(peewee.PostgresqlDatabase):
    """Connections that are not in use are kept. Peewee opens and closes under a lock; here nobody waits while others
    open one, which takes long where the server hangs. A kept connection that does not answer leaves time to make
    another.
    """

    _adapter: peewee.Psycopg3Adapter
    _state: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._idle: deque[_Connection] = deque()
        super().__init__(*arguments, **options)

    def connect(self, reuse_if_open: bool = False) -> bool:
        """Whether one was taken for this thread: that used last, else a new one."""
        if reuse_if_open and not self.is_closed():
            return False
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]
            connection = self._kept() or self._connect()  # type: ignore[attr-defined]
        self._state.set_connection(connection)
        return True

    def close(self) -> bool:
        """Keep this thread's for the next; whether it had one."""
        if self.is_closed():
            return False
        connection = self._state.conn
        self._state.reset()
        if self._adapter.is_connection_reusable(connection) and not connection.is_stale():
            self._idle.append(connection)
            self._close_stale()
        else:
            connection.close()
        return True

    def close_idle(self) -> None:
        """Close this thread's and all that are not in use."""
        self.close()
        while connection := self._next():
            connection.close()

    def commit(self) -> Any:
        """Raises CommitUnknown where no answer of the server says whether it is done."""
        try:
            return super().commit()
        except (peewee.OperationalError, peewee.InterfaceError) as error:
            if _is_answer(error):
                raise
            raise CommitUnknown("the connection was lost while the server was to commit") from error

    def _kept(self) -> "_Connection | None":
        """One that answers."""
        while connection := self._next():
            if connection.is_fresh():
                return connection
            with _under(Patience(_patience.get().left() / 3)):
                if not self._adapter.is_connection_closed(connection):
                    return connection
            connection.close()
            scope.current().require_thread()
        return None

    def _next(self) -> "_Connection | None":
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _close_stale(self) -> None:
        """The one that nobody needed for longest, if it is; another thread may have taken it meanwhile."""
        with suppress(IndexError, ValueError):
            if (unused := self._idle[0]).is_stale():
                self._idle.remove(unused)
                unused.close()


class _Adapter(peewee.Psycopg3Adapter):
    """Peewee's way to psycopg 3, with connections that give up waiting for an answer."""

    def connect(self, db: peewee.Database, **parameters: Any) -> "_Connection":
        """A new one, which the server's loop cannot wait for."""
        scope.current().require_thread()
        return _in_time(lambda: _Connection.connect(db.database, **parameters))


class _Connection(psycopg.Connection[Any]):
    """The server answers in time, whatever its own timeouts do (it may be stopped or cut off), or it is given up."""

    answered = 0.0
    """When the server did last, on the monotonic clock."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._made = time.monotonic()

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        try:
            result = super().wait(gen, interval, _seconds() if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("no answer from the server in time") from error
        self.answered = time.monotonic()
        return result

    def is_fresh(self) -> bool:
        """Whether the server answered a moment ago and has said nothing since: before it closes, it does."""
        if time.monotonic() - self.answered > FRESH:
            return False
        heard = select.poll()
        heard.register(self.fileno(), select.POLLIN)
        return not heard.poll(0)

    def is_stale(self) -> bool:
        """Whether it is so old that another one is to take its place: the server may be another by now."""
        return time.monotonic() - self._made > STALE


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
    seconds, from 2 on. A server that hangs gets no crowd of attempts: who finds OPENING under way waits for one to end.
    """
    if not _opening.acquire(timeout=_seconds()):
        raise peewee.OperationalError("other threads are still trying to connect")
    future: Future[_Connection] = Future()
    try:
        threading.Thread(target=_connect, args=[future, connect], name="connect", daemon=True).start()
    except RuntimeError:
        _opening.release()
        raise
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
    finally:
        _opening.release()
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
