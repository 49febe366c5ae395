"""Whether a service can do its work with its database."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import peewee

from services.common.database.database import Database
from services.common.database.heartbeat import Heartbeat
from services.common.errors import Unavailable
from services.common.runtime import scope

PATIENCE = 1.0


@dataclass(frozen=True)
class Condition:
    """`database` is `ok`, `not writable` or `unreadable`."""

    is_ready: bool = True
    database: str = "ok"


class Readiness:
    """Writes the heartbeat, if that is due, and reads the first and the last row of each table. After a write each
    other thread reads from the file again, and not from what SQLite keeps in its memory.

    A service that `needs_writing` is not ready while it cannot write. Any other is ready all the same, as it can answer
    most requests, and its condition says "not writable".
    """

    def __init__(
        self, database: Database, heartbeat: Heartbeat, models: Sequence[type[peewee.Model]], *, needs_writing: bool
    ) -> None:
        self._database = database
        self._heartbeat = heartbeat
        self._needs_writing = needs_writing
        self._rows = [database.statement(query) for model in models for query in _ends(model)]

    def __call__(self) -> Condition:
        """Waits no longer than PATIENCE seconds in all; in the server's loop only for quick answers of the database."""
        end = time.monotonic() + PATIENCE
        if self._heartbeat.is_due():
            scope.current().require_thread()
            self._heartbeat.beat(within=PATIENCE)
        if not self._is_readable(end):
            return Condition(False, "unreadable")
        return Condition() if self._heartbeat.is_kept else Condition(not self._needs_writing, "not writable")

    def _is_readable(self, end: float) -> bool:
        try:
            with self._database.reading(within=end - time.monotonic()):
                for row in self._rows:
                    row.rows()
        except (Unavailable, peewee.PeeweeException):
            return False
        return True


def _ends(model: type[peewee.Model]) -> tuple[peewee.Query, peewee.Query]:
    """The first row by the primary key, and the last."""
    key = model._meta.get_primary_keys()  # type: ignore[no-untyped-call]
    return model.select().order_by(*key).limit(1), model.select().order_by(*(one.desc() for one in key)).limit(1)
