"""Passwords, with the real hash."""

import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import pytest
from argon2 import PasswordHasher, extract_parameters

from services.common.errors import Unavailable
from services.users.passwords import AT_ONCE, WAITING, Argon2


def test_a_password_matches_its_own_hash_only() -> None:
    passwords = Argon2()
    hashed = passwords.hash("pässwörd 🙂" + "x" * 100)
    assert passwords.match(hashed, "pässwörd 🙂" + "x" * 100)
    assert not passwords.match(hashed, "pässwörd 🙂" + "x" * 99)
    assert not passwords.match(None, "pässwörd 🙂")


def test_a_password_is_the_same_however_a_keyboard_composes_it() -> None:
    passwords = Argon2()
    hashed = passwords.hash("pa\u0308ssw\u00f6rd")
    assert passwords.match(hashed, "p\u00e4sswo\u0308rd") and passwords.match(hashed, "p\u00e4ssw\u00f6rd")


def test_a_hash_of_a_password_as_it_was_sent_goes_on_holding() -> None:
    before = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash("pa\u0308ssword")
    assert Argon2().match(before, "pa\u0308ssword") and not Argon2().match(before, "pa\u0308ssworD")


def test_the_parameters_are_owasps_minimum() -> None:
    hashed = extract_parameters(Argon2().hash("correct horse"))
    assert (hashed.type.name, hashed.memory_cost, hashed.time_cost, hashed.parallelism) == ("ID", 19_456, 2, 1)


def test_a_hash_with_other_parameters_is_stale() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("correct horse")
    passwords = Argon2()
    assert passwords.stale(weaker) and passwords.match(weaker, "correct horse")
    assert not passwords.stale(passwords.hash("correct horse"))


def test_nobody_takes_as_long_as_somebody() -> None:
    passwords = Argon2()
    hashed = passwords.hash("correct horse")
    somebody, nobody = [], []
    for _ in range(9):
        somebody.append(_cpu_seconds(passwords, hashed))
        nobody.append(_cpu_seconds(passwords, None))
    assert statistics.median(nobody) == pytest.approx(statistics.median(somebody), rel=0.5)


@pytest.mark.measures
def test_pretending_takes_as_long_as_making_one() -> None:
    passwords = Argon2()
    made, pretended = [], []
    for _ in range(25):
        made.append(_seconds(passwords.hash))
        pretended.append(_seconds(passwords.pretend))
    assert statistics.median(pretended) == pytest.approx(statistics.median(made), rel=0.25)


def test_pretending_costs_no_work() -> None:
    passwords = Argon2()
    passwords.hash("correct horse")
    worked = _cpu_seconds(passwords, None)
    began = time.thread_time()
    passwords.pretend("correct horse")
    assert time.thread_time() - began < worked / 5


class Crowd:
    """Threads that pretend until they may leave: AT_ONCE have a turn, WAITING wait for one, the others are refused."""

    def __init__(self, number: int, patience: float = 20) -> None:
        self._pausing, self._leave = threading.Semaphore(0), threading.Event()
        self._refused = threading.Semaphore(0)
        self.passwords = Argon2(patience=patience, pause=self._pause)
        self.passwords.hash("correct horse")
        self._pool = ThreadPoolExecutor(number)
        self._number = number

    def __enter__(self) -> Self:
        for _ in range(self._number):
            self._pool.submit(self._try)
        for _ in range(AT_ONCE):
            assert self._pausing.acquire(timeout=5)
        for _ in range(self._number - AT_ONCE - WAITING):
            assert self._refused.acquire(timeout=5)
        return self

    def leave(self) -> None:
        self._leave.set()

    def __exit__(self, *_: object) -> None:
        self.leave()
        self._pool.shutdown()

    def _pause(self, _seconds: float) -> None:
        self._pausing.release()
        self._leave.wait(10)

    def _try(self) -> None:
        try:
            self.passwords.pretend("correct horse")
        except Unavailable:
            self._refused.release()


def test_only_a_few_wait_and_the_rest_is_refused_at_once() -> None:
    with Crowd(40) as crowd:
        with pytest.raises(Unavailable):
            crowd.passwords.hash("correct horse")
        crowd.leave()
    assert crowd.passwords.hash("correct horse")


def test_who_registers_keeps_nobody_from_signing_in() -> None:
    with Crowd(40) as crowd, ThreadPoolExecutor(1) as pool:
        matching = pool.submit(crowd.passwords.match, None, "correct horse")
        with pytest.raises(TimeoutError):
            matching.result(0.1)
        crowd.leave()
        assert matching.result(5) is False


def test_who_waits_too_long_for_a_turn_is_refused() -> None:
    with Crowd(AT_ONCE, patience=0.05) as crowd, pytest.raises(Unavailable):
        crowd.passwords.match(None, "correct horse")


def _seconds(work: Callable[[str], object]) -> float:
    began = time.monotonic()
    work("correct horse")
    return time.monotonic() - began


def _cpu_seconds(passwords: Argon2, hashed: str | None) -> float:
    began = time.thread_time()
    passwords.match(hashed, "wrong")
    return time.thread_time() - began
