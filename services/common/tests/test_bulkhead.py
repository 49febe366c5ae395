"""Places are shared by those who come and go, and refused while nobody goes."""

import threading
import time
from contextlib import ExitStack

import pytest

from services.common.peers.bulkhead import Bulkhead, Full

NEVER = float("inf")


class Waits(threading.Condition):
    """Nobody waits: time goes on by itself, and each wait is written down. It is the bulkhead's clock as well."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.seconds: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.seconds.append(timeout)
        self.now += timeout
        return False


@pytest.fixture
def waits() -> Waits:
    return Waits()


def bulkhead_of(places: int, patience: float, waits: Waits) -> Bulkhead:
    made = Bulkhead(places, patience, waits)
    made._changed = waits
    return made


def hold(bulkhead: Bulkhead, places: int) -> ExitStack:
    held = ExitStack()
    for _ in range(places):
        held.enter_context(bulkhead.place(NEVER))
    return held


def is_refused(bulkhead: Bulkhead, deadline: float = NEVER) -> None:
    with pytest.raises(Full), bulkhead.place(deadline):
        pass


def test_a_free_place_is_had_at_once() -> None:
    with hold(Bulkhead(2, 0.0), 2):
        pass


def test_beyond_the_places_one_waits_and_is_refused_once_nothing_moves(waits: Waits) -> None:
    bulkhead = bulkhead_of(2, 0.25, waits)
    with hold(bulkhead, 2):
        is_refused(bulkhead)
        assert waits.seconds == [0.25]
        is_refused(bulkhead)
        assert waits.seconds == [0.25], "the second is refused at once"


def test_nobody_waits_beyond_the_deadline(waits: Waits) -> None:
    bulkhead = bulkhead_of(1, 5.0, waits)
    with hold(bulkhead, 1):
        is_refused(bulkhead, waits() + 0.25)
        assert waits.seconds == [0.25]


def test_a_place_is_free_again_after_a_failure() -> None:
    bulkhead = Bulkhead(1, 0.0)
    with pytest.raises(ValueError, match="no"), bulkhead.place(NEVER):
        raise ValueError("no")
    with bulkhead.place(NEVER):
        pass


def test_many_who_are_quick_all_get_their_turn_and_never_more_at_once_than_there_are_places() -> None:
    bulkhead, lock = Bulkhead(3, 30.0), threading.Lock()
    inside, most, done = [], [0], []

    def work() -> None:
        for _ in range(10):
            with bulkhead.place(NEVER):
                with lock:
                    inside.append(1)
                    most[0] = max(most[0], len(inside))
                time.sleep(0.002)
                with lock:
                    inside.pop()
            done.append(1)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), most[0]) == (200, 3)
