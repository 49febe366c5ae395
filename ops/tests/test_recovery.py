"""When what was broken is back, and when there is nothing to wait for any more."""

from __future__ import annotations

import itertools

from ops.faults.recovery import Recovery


def test_one_look_that_finds_nothing_is_not_the_end() -> None:
    looks = itertools.chain([True], itertools.repeat(False))
    answers = itertools.chain([False] * 5, itertools.repeat(True))
    recovery = Recovery(lambda: next(answers), ended=lambda: next(looks))
    recovery.start()
    recovery.join()
    assert not recovery.gave_up
    assert recovery.ms is not None


def test_what_has_ended_is_not_waited_for() -> None:
    recovery = Recovery(lambda: False, ended=lambda: True)
    recovery.start()
    recovery.join()
    assert recovery.gave_up
    assert recovery.ms is None
