"""How much more a database has to do when it holds a hundred times as much: counted, as times vary too much."""

from collections.abc import Callable, Mapping
from typing import Any

import peewee

from services.common.database.database import Database

SMALL, LARGE = 1_000, 100_000
MOST = 1.2
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
ROWS_READ = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"

Deed = Callable[[], object]


def fill(database: Database, table: str, columns: str, count: int) -> None:
    """Add rows: what `columns`, SQL expressions of `n`, are for the numbers from 1 to `count`."""
    with database.writing():
        _sql(database, f"INSERT INTO {table} {NUMBERS.format(count=count)} SELECT {columns} FROM numbers")  # noqa: S608 # a test's own text


def grown(few: Mapping[str, int], many: Mapping[str, int]) -> Mapping[str, tuple[int, int]]:
    """What is more work, by more than MOST times, where there is much than where there is little."""
    return {name: (few[name], many[name]) for name in few if many[name] > MOST * few[name]}


def work(database: Database, deed: Deed) -> int:
    """What the deed takes: with PostgreSQL the rows that are read, with SQLite the turns of its virtual machine."""
    if isinstance(database.peewee, peewee.SqliteDatabase):
        return _turns(database, deed)
    with database.writing():
        before = number(database, ROWS_READ)
        deed()
        return number(database, ROWS_READ) - before


def number(database: Database, sql: str) -> int:
    with database.reading():
        return int(_sql(database, sql).fetchone()[0])


def _turns(database: Database, deed: Deed) -> int:
    turns: list[None] = []
    with database.reading():
        connection = database.peewee.connection()  # type: ignore[no-untyped-call]
        connection.set_progress_handler(lambda: turns.append(None), 1)
        deed()
        connection.set_progress_handler(None, 1)
    return len(turns)


def _sql(database: Database, sql: str) -> Any:
    return database.peewee.execute_sql(sql)  # type: ignore[no-untyped-call]
