"""Customers stop when the block around them ends, also when it is interrupted while they begin."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from ops.crowd import crowd
from ops.tests.waiting import eventually

MANY = 8
PATIENCE = 5.0
"""Seconds after which somebody who was not told goes home."""


def test_all_stop_at_the_end_of_the_block() -> None:
    told: list[bool] = []
    with crowd([lambda stop: told.append(stop.wait(PATIENCE))] * MANY):
        assert told == []
    assert told == [True] * MANY


def test_an_interruption_while_they_begin_stops_those_who_began() -> None:
    told: list[bool] = []

    def patient(stop: threading.Event) -> None:
        told.append(stop.wait(PATIENCE))

    def interrupting(stop: threading.Event) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        patient(stop)

    with pytest.raises(KeyboardInterrupt), crowd([interrupting, *[patient] * (MANY - 1)]):
        threading.Event().wait(PATIENCE)
    assert eventually(lambda: told)
    assert all(told)


def test_what_one_raises_is_in_its_future() -> None:
    def failing(stop: threading.Event) -> None:
        raise ValueError("own")

    with crowd([failing]) as going:
        pass
    with pytest.raises(ValueError, match="own"):
        going[0].result()
