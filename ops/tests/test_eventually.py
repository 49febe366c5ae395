"""Waiting ends at the first answer, or in time."""

from __future__ import annotations

import time

from ops.eventually import eventually, pause


def test_it_is_the_first_answer_that_is_neither_none_nor_false() -> None:
    answers = iter([None, False, 0, "later"])
    assert eventually(lambda: next(answers), within=5, every=0.001) == 0


def test_in_vain_it_is_the_last_answer_in_time() -> None:
    began = time.monotonic()
    assert eventually(lambda: False, within=0.1, every=60) is False
    assert 0.1 <= time.monotonic() - began < 5


def test_a_pause_lasts_as_long_as_it_says() -> None:
    began = time.monotonic()
    pause(0.1)
    assert 0.1 <= time.monotonic() - began < 5


def test_without_time_it_is_asked_once() -> None:
    asked: list[int] = []
    assert eventually(lambda: asked.append(1), within=0) is None
    assert asked == [1]
