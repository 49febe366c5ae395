"""What is kept for a time only."""

import peewee

AT_ONCE = 20


def forget_oldest(at: peewee.Field, before: int) -> None:
    """Delete the AT_ONCE oldest rows whose `at`, an indexed time, is before then, in the transaction under way; later
    calls delete the others, so that nobody waits for all. Both ends are given as PostgreSQL, before it knows the table
    well, would not use the index for one.
    """
    old = at.model.select(at).where(at < before).order_by(at).limit(AT_ONCE)
    times = [time for (time,) in old.tuples()]
    if times:
        at.model.delete().where(at.between(times[0], times[-1])).execute()
