"""Accounts in real databases."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.common.database.database import Database
from services.common.database.retention import AT_ONCE
from services.common.tests.rivals import at_once
from services.users.domain import FROM_ONE_ADDRESS, Account, Accounts, Credentials, Failure
from services.users.store import AccountStore
from services.users.tests.fakes import Clock, PlainPasswords, PlainTokens

NOON = datetime(2026, 11, 22, 12, 0, 0, 123000, UTC)
LATER = NOON + timedelta(hours=1)
ADA = Account("a-1", "Ada@Example.test", None, "customer", "active", NOON)

GUESSES = 16


class Together(PlainPasswords):
    """Nobody is told before all have asked."""

    def __init__(self) -> None:
        super().__init__()
        self._barrier = threading.Barrier(GUESSES)

    def match(self, password_hash: str | None, password: str) -> bool:
        self._barrier.wait(10)
        return super().match(password_hash, password)


@pytest.fixture
def store(database: Database) -> AccountStore:
    return AccountStore(database)


def test_what_was_added_is_found_again(store: AccountStore) -> None:
    store.add(ADA, "ada@example.test", "hash")
    known = store.credentials("ada@example.test")
    assert known is not None and (known.account, known.password_hash) == (ADA, "hash")
    assert store.by_id("a-1") == ADA


def test_nobody_is_found_who_was_not_added(store: AccountStore) -> None:
    assert store.credentials("ada@example.test") is None
    assert store.by_id("a-1") is None


def test_an_address_is_taken_once_also_by_twenty_at_once(store: AccountStore, database: Database) -> None:
    def add(number: int) -> None:
        store.add(replace(ADA, id=f"a-{number}"), "ada@example.test", "hash")

    assert Counter(at_once(database, 20, add)) == {None: 1, "email-taken": 19}


def test_an_account_is_found_under_its_new_key_alone_unless_that_is_taken(store: AccountStore) -> None:
    store.add(ADA, "former", "hash")
    store.rekey(ADA.id, "new")
    assert store.credentials("former") is None and store.credentials("new") == Credentials(ADA, "hash")
    store.add(replace(ADA, id="a-2"), "former", "hash")
    store.rekey(ADA.id, "former")
    assert store.credentials("new") == Credentials(ADA, "hash")


def test_a_change_is_kept_and_touches_nobody_else(store: AccountStore) -> None:
    bob = replace(ADA, id="a-2", email="bob@example.test", name="Bob")
    store.add(ADA, "ada@example.test", "hash")
    store.add(bob, "bob@example.test", "hash")
    changed = replace(ADA, role="admin", status="suspended")
    store.update(changed)
    store.rehash("a-1", "new hash")
    assert store.credentials("ada@example.test") == Credentials(changed, "new hash")
    assert store.by_id("a-2") == bob


def test_failures_are_the_newest_first_and_of_one_account(store: AccountStore) -> None:
    for minute in range(5):
        store.record_failure("ada", Failure(f"192.0.2.{minute}", NOON + timedelta(minutes=minute)), NOON)
    store.record_failure("bob", Failure("192.0.2.9", NOON), NOON)
    found = store.failures("ada", NOON + timedelta(minutes=1), LATER)
    assert [failure.address for failure in found] == ["192.0.2.4", "192.0.2.3", "192.0.2.2"]


def test_old_failures_are_forgotten_and_a_success_forgets_its_own(store: AccountStore) -> None:
    ages = [NOON - timedelta(hours=1), NOON, NOON + timedelta(seconds=1)]
    for at, address in zip(ages, ("here", "here", "there"), strict=True):
        store.record_failure("ada", Failure(address, at), NOON)
    past = NOON - timedelta(days=1)
    assert [failure.address for failure in store.failures("ada", past, LATER)] == ["there", "here"]
    store.record_success("ada", "here", NOON, 3)
    assert [failure.address for failure in store.failures("ada", past, LATER)] == ["there"]


def test_old_failures_are_forgotten_some_at_a_time(store: AccountStore) -> None:
    for second in range(100):
        store.record_failure("ada", Failure("here", NOON + timedelta(seconds=second)), NOON)
    store.record_failure("bob", Failure("here", LATER), LATER)
    left = store.failures("ada", NOON - timedelta(seconds=1), LATER)
    assert len(left) == 100 - AT_ONCE


def test_the_last_addresses_of_successes_are_known_by_account(store: AccountStore) -> None:
    for second, address in enumerate(["a", "b", "a", "c", "c", "d"]):
        store.record_success("ada", address, NOON + timedelta(seconds=second), 3)
    store.record_success("bob", "e", NOON, 3)
    assert [address for address in "abcde" if store.knows("ada", address)] == ["a", "c", "d"]
    assert [address for address in "abcde" if store.knows("bob", address)] == ["e"]


def test_one_at_a_time_is_alone_with_an_account(store: AccountStore, database: Database) -> None:
    entered = threading.Event()

    def enter() -> None:
        with store.alone("ada"):
            entered.set()
        if not database.peewee.is_closed():
            database.peewee.close()

    other = threading.Thread(target=enter)
    with store.alone("ada"):
        other.start()
        assert not entered.wait(0.2)
    assert entered.wait(5)
    other.join()


def sign_ins(accounts: Accounts, database: Database, password: str) -> list[str]:
    """The token or the code that each of GUESSES attempts got."""
    return sorted(at_once(database, GUESSES, lambda _: accounts.sign_in(ADA.email, password, "192.0.2.1")))


def test_guesses_that_are_made_at_once_do_not_pass_the_limit(store: AccountStore, database: Database) -> None:
    accounts = Accounts(store, Together(), PlainTokens(), clock=Clock(), timer=Clock(), new_id=lambda: "a-1")
    accounts.register(ADA.email, "right", None)
    refused = ["too-many-attempts"] * (GUESSES - FROM_ONE_ADDRESS)
    assert sign_ins(accounts, database, "wrong") == ["invalid-credentials"] * FROM_ONE_ADDRESS + refused
    assert sign_ins(accounts, database, "right") == ["too-many-attempts"] * GUESSES


def test_owners_may_sign_in_many_times_at_once(store: AccountStore, database: Database) -> None:
    accounts = Accounts(store, Together(), PlainTokens(), clock=Clock(), timer=Clock(), new_id=lambda: "a-1")
    accounts.register(ADA.email, "right", None)
    assert sign_ins(accounts, database, "right") == ["a-1 as customer"] * GUESSES
