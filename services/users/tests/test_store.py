"""Accounts in real databases."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.common.database import Database
from services.common.errors import Conflict
from services.users.domain import Account, Credentials, Failure
from services.users.store import AccountStore

NOON = datetime(2026, 11, 22, 12, 0, 0, 123000, UTC)
ADA = Account("a-1", "Ada@Example.test", None, "customer", "active", NOON)


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
    outcomes: list[str] = []

    def add(number: int) -> None:
        try:
            store.add(replace(ADA, id=f"a-{number}"), "ada@example.test", "hash")
            outcomes.append("added")
        except Conflict as error:
            outcomes.append(error.code)
        finally:
            database.peewee.close()

    threads = [threading.Thread(target=add, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added"] + ["email-taken"] * 19


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
    found = store.failures("ada", NOON + timedelta(minutes=1), 2)
    assert [failure.address for failure in found] == ["192.0.2.4", "192.0.2.3"]
    assert len(store.failures("ada", NOON, 100)) == 4


def test_old_failures_are_forgotten_and_a_success_forgets_its_own(store: AccountStore) -> None:
    ages = [NOON - timedelta(hours=1), NOON, NOON + timedelta(seconds=1)]
    for at, address in zip(ages, ("here", "here", "there"), strict=True):
        store.record_failure("ada", Failure(address, at), NOON)
    past = NOON - timedelta(days=1)
    assert [failure.address for failure in store.failures("ada", past, 100)] == ["there", "here"]
    store.forget_failures("ada", "here")
    assert [failure.address for failure in store.failures("ada", past, 100)] == ["there"]
