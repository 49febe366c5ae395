"""Passwords, with the real hash."""

import statistics
import threading
import time

import pytest
from argon2 import PasswordHasher, extract_parameters

from services.common.errors import Unavailable
from services.users.passwords import AT_ONCE, Argon2


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


def test_no_more_are_computed_at_once_than_leave_room_for_others() -> None:
    passwords = Argon2(patience=0.05)
    started, release = threading.Barrier(AT_ONCE + 1), threading.Event()

    def hold() -> None:
        with passwords.turn():
            started.wait(5)
            release.wait(5)

    threads = [threading.Thread(target=hold) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    started.wait(5)
    with pytest.raises(Unavailable):
        passwords.match(None, "correct horse")
    release.set()
    for thread in threads:
        thread.join()
    assert not passwords.match(None, "correct horse")


def _cpu_seconds(passwords: Argon2, hashed: str | None) -> float:
    began = time.thread_time()
    passwords.match(hashed, "wrong")
    return time.thread_time() - began
