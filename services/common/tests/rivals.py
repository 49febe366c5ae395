"""Threads that want the same of a database at the same moment."""

import threading
from collections.abc import Callable
from typing import TypeVar

from services.common.database.database import Database
from services.common.errors import ServiceError

Outcome = TypeVar("Outcome")


def at_once(database: Database, count: int, deed: Callable[[int], Outcome]) -> list[Outcome | str]:
    """What each `deed` came to, done with the numbers from 0 on; of one that was refused, the refusal's code."""
    gate = threading.Barrier(count)
    outcomes: list[Outcome | str] = []

    def run(number: int) -> None:
        gate.wait()
        try:
            outcomes.append(deed(number))
        except ServiceError as error:
            outcomes.append(error.code)
        finally:
            if not database.peewee.is_closed():
                database.peewee.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
