"""A clock that goes on in the database, on real ones of each kind."""

from datetime import UTC, datetime, timedelta

import pytest

from services.common.database.database import Database
from services.common.database.heartbeat import EVERY, Heartbeat
from services.common.tests.tables import HEARTBEAT, make

START = datetime(2026, 11, 22, 23, tzinfo=UTC)


class Elapsed:
    """A monotonic clock that begins anywhere, as after each start of a machine."""

    def __init__(self, begin: float = 0.0) -> None:
        self.seconds = begin

    def __call__(self) -> float:
        return self.seconds


def beating(database: Database, elapsed: Elapsed, start: datetime = START) -> Heartbeat:
    make(database, HEARTBEAT)
    return Heartbeat(database, start=lambda: start, elapsed=elapsed)


def test_it_begins_where_it_is_asked_to_and_goes_on(database: Database) -> None:
    elapsed = Elapsed(77.0)
    timer = beating(database, elapsed)
    assert timer() == START
    elapsed.seconds += 3600
    assert timer() == START + timedelta(hours=1)


@pytest.mark.parametrize("date", [START + timedelta(hours=49), START - timedelta(days=9000)])
def test_after_a_restart_it_goes_on_from_where_it_was_whatever_the_date(database: Database, date: datetime) -> None:
    elapsed = Elapsed(77.0)
    timer = beating(database, elapsed)
    elapsed.seconds += 10
    assert timer() == START + timedelta(seconds=10)
    elapsed.seconds += EVERY / 2
    timer()
    after = Elapsed(1.0)
    again = beating(database, after, start=date)
    assert again() == START + timedelta(seconds=10), "the last beat that was written down"
    after.seconds += 5
    assert again() == START + timedelta(seconds=15)


def test_an_hour_before_a_restart_in_which_nobody_asks_is_not_counted(database: Database) -> None:
    elapsed = Elapsed()
    timer = beating(database, elapsed)
    elapsed.seconds += 10
    assert timer() == START + timedelta(seconds=10)
    elapsed.seconds += 3600
    assert beating(database, Elapsed())() == START + timedelta(seconds=10)


def test_replicas_follow_the_one_that_is_furthest_on(database: Database) -> None:
    mine, theirs = Elapsed(), Elapsed()
    one, other = beating(database, mine), beating(database, theirs)
    mine.seconds += 100
    one()
    theirs.seconds += EVERY
    other()
    theirs.seconds += 1
    assert other() == START + timedelta(seconds=101)
    assert one() == START + timedelta(seconds=100)
