"""The one way to a service's own database: SQLite or PostgreSQL, and every fault of it is Unavailable."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import peewee
import structlog
from peewee import Model

from services.common.database.group_commit import GroupCommit
from services.common.database.patience import Patience, patience
from services.common.database.sqlite import SqliteEngine
from services.common.errors import OutcomeUnknown, Unavailable
from services.common.runtime import scope
from services.common.runtime.timeouts import TIMEOUTS

SQLITE = "sqlite:///"
FOR_EVER = float("inf")
FAULTS = (peewee.DatabaseError, peewee.InterfaceError, OSError)
MISTAKES = (peewee.IntegrityError, peewee.DataError, peewee.ProgrammingError, peewee.NotSupportedError)

Result = TypeVar("Result")

log = structlog.get_logger()


class Engine(Protocol):
    """What Database needs of a dialect; blocks may be nested within a thread."""

    peewee: peewee.Database

    def opened(self, patience: Patience, /) -> AbstractContextManager[None]: ...

    def transaction(self, patience: Patience, /) -> AbstractContextManager[None]: ...

    def lock(self, name: str, /) -> None: ...

    def hurry(self) -> None: ...

    def discard(self) -> None: ...

    def made(self) -> Iterable[str]:
        """The tables that were made before, by what outlives them; none where nothing does."""

    def remember(self, tables: Iterable[str], /) -> None:
        """From now on `made` gives these."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class _Name:
    text: str


def parameter(name: str) -> Any:
    """In the query of a Statement, a value that is only given when it runs."""
    return peewee.Value(_Name(name), converter=False)


class Statement:
    """A Peewee query whose SQL is written once: Peewee takes longer to write it than SQLite takes to answer.

    Its values, but for the parameters, are those that it was made with; columns come as the database has them.
    """

    def __init__(self, database: peewee.Database, query: Any) -> None:
        self._database = database
        self._sql, self._values = query.sql()
        self._finds = isinstance(query, peewee.SelectBase)

    def rows(self, **parameters: Any) -> list[tuple[Any, ...]]:
        """What it finds, all at once; to be called within `reading` or `writing`. Raises KeyError."""
        values = [parameters[value.text] if isinstance(value, _Name) else value for value in self._values]
        cursor = self._database.execute_sql(self._sql, values)  # type: ignore[no-untyped-call]
        return list(cursor.fetchall()) if self._finds else []


class Database:
    """`url` is `sqlite:///PATH` (four slashes where PATH is absolute) or `postgresql://…`.

    `durable`: what was acknowledged survives a power cut too, not only a crash of the process. `busy`: seconds that a
    block may wait for a lock, a connection or an answer; in a request, never longer than it has left to be answered. A
    database that is locked, full, read-only, damaged or gone raises Unavailable, and OutcomeUnknown where it went away
    while it was to commit; a broken constraint raises peewee.IntegrityError as ever. Nothing is opened before the first
    use, and no file is made anew where one was: that raises DatabaseLost.
    """

    def __init__(self, url: str, *, durable: bool, busy: float = TIMEOUTS.database_busy) -> None:
        self._engine = _engine(url, durable=durable, busy=busy)
        self._busy = busy
        self._faults = _Faults(self._engine)
        self._group: GroupCommit | None = None
        if isinstance(self._engine, SqliteEngine):
            self._group = GroupCommit(lambda seconds: self.writing(within=seconds), self._savepoint, _is_fault)

    @property
    def peewee(self) -> peewee.Database:
        return self._engine.peewee

    @contextmanager
    def reading(self, *, within: float = FOR_EVER) -> Iterator[None]:
        """A connection for the queries of the block. Raises Unavailable, also if it has to wait for anything after
        `within` seconds.
        """
        with self._faults, self._engine.opened(patience(self._busy, within)):
            yield

    @contextmanager
    def writing(self, *, within: float = FOR_EVER) -> Iterator[None]:
        """One transaction: everything in the block is kept, or nothing. Raises Unavailable, also if it has to wait for
        anything after `within` seconds.
        """
        with self._faults, self._engine.transaction(patience(self._busy, within)):
            yield

    def write(self, work: Callable[[], Result], *, within: float = FOR_EVER) -> Result:
        """What `work`, a few statements, gives back once all of them are kept; else none is. As `writing`, but the
        transaction may be shared with others who write at the same time, and `work` run in the thread of one of them.
        """
        if self._group is None:
            with self.writing(within=within):
                return work()
        result: Result = self._group.write(work, patience(self._busy, within).as_one())
        return result

    def statement(self, query: Any) -> Statement:
        """`query`, whose models are bound to this database (see `bind`), written down for many uses."""
        return Statement(self.peewee, query)

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """As Peewee's own, but for its name: that is another one each time, and so prepared anew each time."""
        run = self.peewee.execute_sql
        run("SAVEPOINT work")  # type: ignore[no-untyped-call]
        try:
            yield
        except Exception as error:
            if not _is_fault(error):
                run("ROLLBACK TO work")  # type: ignore[no-untyped-call]
                run("RELEASE work")  # type: ignore[no-untyped-call]
            raise
        run("RELEASE work")  # type: ignore[no-untyped-call]

    def hurry(self) -> None:
        """Wait for no lock longer than a request would, until the transaction ends: all others who want the table wait
        behind who waits for it.
        """
        self._engine.hurry()

    def lock(self, name: str) -> None:
        """Let one transaction at a time go on from here, of all that lock the same name; to be called within one."""
        self._engine.lock(name)

    def bind(self, models: Sequence[type[Model]]) -> None:
        """Let the models' queries go to this database."""
        self.peewee.bind(models, bind_refs=False, bind_backrefs=False)

    def made(self) -> Iterable[str]:
        """The tables that were made before, by what outlives them: a file beside that of SQLite."""
        return self._engine.made()

    def remember(self, tables: Iterable[str]) -> None:
        """From now on `made` gives these."""
        self._engine.remember(tables)

    def close(self) -> None:
        """Close what this thread has open; with PostgreSQL, also what nobody uses."""
        self._engine.close()


class CommitUnknown(peewee.OperationalError):
    """The connection was lost after a commit was asked for, and before its answer."""


class _Faults:
    """Around a block, any number at a time: a fault of the database leaves it as Unavailable, or asks for a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if error is None or not _is_fault(error):
            return
        scope.current().require_thread()
        self._engine.discard()
        causes = list(_chain(error))
        log.error("database-unavailable", error=type(error).__name__, reason=str(causes[-1]))
        if any(isinstance(one, CommitUnknown) for one in causes):
            raise OutcomeUnknown from error
        raise Unavailable(detail="The database is unavailable.") from error


def _is_fault(error: BaseException) -> bool:
    """Whether the database is the reason, and not what was asked of it."""
    return isinstance(error, FAULTS) and not isinstance(error, MISTAKES)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """All that went wrong, the first last: undoing a transaction may fail too, and would hide why it was undone."""
    while error is not None:
        yield error
        error = error.__context__


def _engine(url: str, *, durable: bool, busy: float) -> Engine:
    """The dialect of `url`; psycopg is imported only where it is used, as that takes a fifth of a start."""
    if url.startswith(SQLITE):
        return SqliteEngine(Path(url.removeprefix(SQLITE)), durable=durable, busy=busy)
    from services.common.database.postgres import PostgresEngine

    return PostgresEngine(url, busy=busy)
