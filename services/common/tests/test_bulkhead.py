"""Places are shared by those who come and go, and refused while nobody goes."""

import threading
import time
from contextlib import ExitStack

import pytest

from services.common.peers.bulkhead import Bulkhead, Full

NEVER = float("inf")


def hold(bulkhead: Bulkhead, places: int) -> ExitStack:
    held = ExitStack()
    for _ in range(places):
        held.enter_context(bulkhead.place(NEVER))
    return held


def refused_after(bulkhead: Bulkhead, deadline: float = NEVER) -> float:
    begun = time.monotonic()
    with pytest.raises(Full), bulkhead.place(deadline):
        pass
    return time.monotonic() - begun


def test_a_free_place_is_had_at_once() -> None:
    with hold(Bulkhead(2, 0.0), 2):
        pass


def test_beyond_the_places_one_waits_and_is_refused_once_nothing_moves() -> None:
    bulkhead = Bulkhead(2, 0.1)
    with hold(bulkhead, 2):
        assert 0.05 < refused_after(bulkhead) < 0.5
        assert refused_after(bulkhead) < 0.05


def test_nobody_waits_beyond_the_deadline() -> None:
    bulkhead = Bulkhead(1, 5.0)
    with hold(bulkhead, 1):
        assert refused_after(bulkhead, time.monotonic() + 0.05) < 1.0


def test_a_place_is_free_again_after_a_failure() -> None:
    bulkhead = Bulkhead(1, 0.0)
    with pytest.raises(ValueError, match="no"), bulkhead.place(NEVER):
        raise ValueError("no")
    with bulkhead.place(NEVER):
        pass


def test_many_who_are_quick_all_get_their_turn_and_never_more_at_once_than_there_are_places() -> None:
    bulkhead, lock = Bulkhead(3, 0.5), threading.Lock()
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
