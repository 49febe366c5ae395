"""A row, written again and again: the database takes writes, and has a clock that cannot jump."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import peewee

from services.common.database.database import FOR_EVER, Database
from services.common.errors import Unavailable
from services.common.runtime import times

EVERY = 2.0
ONLY = 1


class _Heartbeat(peewee.Model):
    id = peewee.IntegerField(primary_key=True)
    at = peewee.BigIntegerField()

    class Meta:
        table_name = "heartbeat"


class Heartbeat:
    """Its clock counts the time in which the database is in use: on from where it was, by the monotonic clock of who
    uses it. Nobody's date is believed, but for `start` when the row is made. Replicas agree within EVERY seconds. After
    a restart it goes on from its last beat: the time since then, in which nobody asked for it, is not counted.
    """

    def __init__(
        self,
        database: Database,
        *,
        start: Callable[[], datetime] = times.now,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._elapsed = elapsed
        self.is_kept = True
        """Whether the last beat was written."""
        database.bind([_Heartbeat])
        self._tried = elapsed()
        self._anchor = database.write(lambda: _first(start)), self._tried

    def __call__(self) -> datetime:
        """The time, to be compared with itself alone; also a beat, if that is due. Raises Unavailable."""
        if self.is_due():
            self._write(FOR_EVER)
        return self._now()

    def is_due(self) -> bool:
        """Whether the last beat, written or not, was EVERY seconds ago."""
        return self._elapsed() - self._tried >= EVERY

    def beat(self, *, within: float) -> None:
        """Write it, waiting no longer than so many seconds; `is_kept` says whether that worked."""
        with suppress(Unavailable, peewee.PeeweeException):
            self._write(within)

    def _now(self) -> datetime:
        at, since = self._anchor
        return at + timedelta(milliseconds=round((self._elapsed() - since) * 1000))

    def _write(self, within: float) -> None:
        self._tried = since = self._elapsed()
        now = self._now()
        try:
            self._anchor = max(now, self._database.write(lambda: _written(now), within=within)), since
        except BaseException:
            self.is_kept = False
            raise
        self.is_kept = True


def _first(start: Callable[[], datetime]) -> datetime:
    """What the row says; it is made if there is none."""
    row = _Heartbeat.get_or_none(_Heartbeat.id == ONLY)
    if row is None:
        _Heartbeat.insert(id=ONLY, at=times.milliseconds(start())).on_conflict_ignore().execute()
        row = _Heartbeat.get_by_id(ONLY)
    return times.of(row.at)


def _written(now: datetime) -> datetime:
    """What the row says after `now` was written into it, unless another replica is further on."""
    mine = times.milliseconds(now)
    if _Heartbeat.update(at=mine).where((_Heartbeat.id == ONLY) & (_Heartbeat.at < mine)).execute():
        return now
    return times.of(_Heartbeat.get_by_id(ONLY).at)
