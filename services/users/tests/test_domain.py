"""Accounts, with everything around them played."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.common.errors import Conflict, Forbidden, NotFound, ServiceError, TooManyRequests, Unauthenticated
from services.users.domain import (
    FROM_ANYWHERE,
    FROM_ONE_ADDRESS,
    KNOWN_ADDRESSES,
    Accounts,
    Credentials,
    Directory,
    Failure,
    comparable,
    formerly_comparable,
    origin,
)
from services.users.tests.fakes import Clock, MemoryStore, PlainPasswords, PlainTokens

EMAIL, PASSWORD, HERE = "Ada@Example.test", "correct horse", "203.0.113.7"


class Town:
    """Accounts and all that stands behind them."""

    def __init__(self) -> None:
        self.store, self.passwords, self.clock, self.timer = MemoryStore(), PlainPasswords(), Clock(), Clock()
        ids = iter(f"a-{number}" for number in range(1000))
        times = {"clock": self.clock, "timer": self.timer}
        self.accounts = Accounts(self.store, self.passwords, PlainTokens(), **times, new_id=lambda: next(ids))
        self.directory = Directory(self.store)

    def fail(self, times: int, *, email: str = EMAIL, address: str = HERE) -> list[str]:
        """The codes of so many attempts with a wrong password."""
        return [self.code(email, "wrong", address) for _ in range(times)]

    def code(self, email: str, password: str, address: str = HERE) -> str:
        try:
            return self.accounts.sign_in(email, password, address)
        except ServiceError as error:
            return error.code


@pytest.fixture
def town() -> Town:
    town = Town()
    town.accounts.register(EMAIL, PASSWORD, "Ada")
    return town


def test_a_new_account_is_that_of_an_active_customer(town: Town) -> None:
    account = town.accounts.register("bob@example.test", PASSWORD, None)
    assert (account.id, account.name, account.role, account.status) == ("a-1", None, "customer", "active")
    assert account.created_at == town.clock()


@pytest.mark.parametrize("email", ["Ada@Example.test", "ada@example.test", "ADA@EXAMPLE.TEST"])
def test_an_address_is_taken_whatever_its_case(town: Town, email: str) -> None:
    with pytest.raises(Conflict) as caught:
        town.accounts.register(email, PASSWORD, None)
    assert caught.value.code == "email-taken"
    assert (town.passwords.made, town.passwords.pretended) == (1, 1), "without the work of another hash"


def test_composed_and_decomposed_letters_are_one_address() -> None:
    assert comparable("J\u00f6rg@example.test") == comparable("jo\u0308rg@example.test")


ONE_MAILBOX = {
    "IDNA": ("ada@b\u00fccher.test", "ada@xn--bcher-kva.test"),
    "IDNA in capitals": ("ada@B\u00dcCHER.test", "ada@XN--Bcher-KVA.test"),
    "a decomposed domain": ("ada@b\u00fccher.test", "ada@bu\u0308cher.test"),
    "a dot of another script": ("ada@shop.test", "ada@shop\u3002test"),
    "full width": ("ada@shop.test", "\uff41\uff44\uff41@\uff53\uff48\uff4f\uff50.test"),
    "a ligature": ("fi@shop.test", "\ufb01@shop.test"),
}
TWO_MAILBOXES = {
    "sharp s": ("ada@stra\u00dfe.test", "ada@strasse.test"),
    "final sigma": ("ada@\u03c2.test", "ada@\u03c3.test"),
    "a letter of another script": ("ada@shop.test", "ada@sh\u043ep.test"),
}


@pytest.mark.parametrize(("one", "other"), ONE_MAILBOX.values(), ids=ONE_MAILBOX)
def test_forms_of_one_mailbox_are_one_address(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(("one", "other"), TWO_MAILBOXES.values(), ids=TWO_MAILBOXES)
def test_mailboxes_that_look_alike_are_two(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


@pytest.mark.parametrize("email", ["ada@stra\u00dfe.test", "ada@xn--bcher-kva.test"])
def test_an_account_that_was_made_under_the_former_key_is_found_and_its_mailbox_taken(town: Town, email: str) -> None:
    town.accounts.register(email, PASSWORD, None)
    known = town.store.kept.pop(comparable(email))
    town.store.kept[formerly_comparable(email)] = known
    assert town.accounts.sign_in(email, PASSWORD, HERE)
    with pytest.raises(Conflict):
        town.accounts.register(email, PASSWORD, None)


@pytest.mark.parametrize("met_by", ["a newcomer", "its owner"])
def test_a_former_key_stands_in_nobodys_way(town: Town, met_by: str) -> None:
    older, newcomer = "ada@stra\u00dfe.test", "ada@strasse.test"
    town.accounts.register(older, PASSWORD, None)
    town.store.kept[newcomer] = town.store.kept.pop(comparable(older))
    if met_by == "its owner":
        town.accounts.sign_in(older, PASSWORD, HERE)
    assert town.accounts.register(newcomer, PASSWORD, None)
    for email in (older, newcomer):
        assert town.accounts.sign_in(email, PASSWORD, HERE)


def test_an_account_under_the_former_key_of_another_mailbox_is_not_found(town: Town) -> None:
    town.accounts.register("ada@strasse.test", PASSWORD, None)
    with pytest.raises(Unauthenticated):
        town.accounts.sign_in("ada@stra\u00dfe.test", PASSWORD, HERE)
    assert town.accounts.register("ada@stra\u00dfe.test", PASSWORD, None)


@pytest.mark.parametrize("email", ["Ada@Example.test", "ada@EXAMPLE.test"])
def test_the_right_password_gives_a_token(town: Town, email: str) -> None:
    assert town.accounts.sign_in(email, PASSWORD, HERE) == "a-0 as customer"


def test_a_wrong_password_and_an_unknown_account_are_told_alike(town: Town) -> None:
    answers = []
    for email in (EMAIL, "nobody@example.test"):
        with pytest.raises(Unauthenticated) as caught:
            town.accounts.sign_in(email, "wrong", HERE)
        answers.append((caught.value.code, caught.value.detail))
    assert answers[0] == answers[1] and answers[0][0] == "invalid-credentials"
    assert town.passwords.looked_at == 2


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.test"])
def test_too_many_failures_from_one_address_shut_it_out(town: Town, email: str) -> None:
    codes = town.fail(FROM_ONE_ADDRESS + 2, email=email)
    assert codes == ["invalid-credentials"] * FROM_ONE_ADDRESS + ["too-many-attempts"] * 2


def test_while_shut_out_no_password_is_looked_at(town: Town) -> None:
    town.fail(FROM_ONE_ADDRESS)
    before = town.passwords.looked_at
    assert town.code(EMAIL, PASSWORD) == "too-many-attempts"
    assert town.passwords.looked_at == before


def test_another_address_and_another_account_are_not_shut_out(town: Town) -> None:
    town.accounts.register("bob@example.test", PASSWORD, None)
    town.fail(FROM_ONE_ADDRESS)
    assert town.code(EMAIL, PASSWORD, "198.51.100.1") == "a-0 as customer"
    assert town.code("bob@example.test", PASSWORD) == "a-1 as customer"


def test_failures_from_everywhere_add_up(town: Town) -> None:
    strangers_guess(town)
    assert town.code(EMAIL, PASSWORD) == "too-many-attempts"


def strangers_guess(town: Town, times: int = FROM_ANYWHERE) -> None:
    for number in range(times):
        town.fail(1, address=f"198.51.100.{number}")


def test_strangers_do_not_shut_out_an_owner_where_they_signed_in_before(town: Town) -> None:
    assert town.code(EMAIL, PASSWORD) == "a-0 as customer"
    town.timer.advance(days=100)
    strangers_guess(town)
    assert town.code(EMAIL, PASSWORD) == "a-0 as customer"
    assert town.code(EMAIL, PASSWORD, "203.0.113.8") == "too-many-attempts"


def test_a_known_address_has_its_own_limit_all_the_same(town: Town) -> None:
    town.accounts.sign_in(EMAIL, PASSWORD, HERE)
    strangers_guess(town)
    assert town.fail(FROM_ONE_ADDRESS + 1) == ["invalid-credentials"] * FROM_ONE_ADDRESS + ["too-many-attempts"]


def test_only_the_last_few_addresses_are_known(town: Town) -> None:
    for number in range(KNOWN_ADDRESSES + 1):
        town.accounts.sign_in(EMAIL, PASSWORD, f"203.0.113.{number}")
        town.timer.advance(seconds=1)
    strangers_guess(town)
    codes = [town.code(EMAIL, PASSWORD, f"203.0.113.{number}") for number in range(KNOWN_ADDRESSES + 1)]
    assert codes == ["too-many-attempts"] + ["a-0 as customer"] * KNOWN_ADDRESSES


def test_a_failure_makes_no_address_known(town: Town) -> None:
    town.fail(1)
    strangers_guess(town)
    assert town.code(EMAIL, PASSWORD) == "too-many-attempts"


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_an_ipv6_address_counts_as_its_network(address: str, counted_as: str) -> None:
    assert origin(address) == counted_as


def test_who_has_a_whole_network_has_one_limit(town: Town) -> None:
    codes = [town.code(EMAIL, "wrong", f"2001:db8::{number}") for number in range(FROM_ONE_ADDRESS + 1)]
    assert codes == ["invalid-credentials"] * FROM_ONE_ADDRESS + ["too-many-attempts"]


def test_retry_after_is_when_the_first_of_them_is_forgotten(town: Town) -> None:
    town.fail(1)
    town.timer.advance(minutes=5)
    town.fail(FROM_ONE_ADDRESS - 1)
    with pytest.raises(TooManyRequests) as caught:
        town.accounts.sign_in(EMAIL, PASSWORD, HERE)
    assert caught.value.retry_after == 10 * 60
    town.timer.advance(minutes=10)
    assert town.code(EMAIL, PASSWORD) == "a-0 as customer"


def test_attempts_while_shut_out_do_not_make_it_longer(town: Town) -> None:
    town.fail(FROM_ONE_ADDRESS)
    for _ in range(14):
        town.timer.advance(minutes=1)
        town.fail(1)
    town.timer.advance(minutes=1)
    assert town.code(EMAIL, PASSWORD) == "a-0 as customer"


def test_a_success_makes_up_for_the_failures_from_there(town: Town) -> None:
    town.fail(FROM_ONE_ADDRESS - 1)
    town.accounts.sign_in(EMAIL, PASSWORD, HERE)
    assert town.fail(2) == ["invalid-credentials"] * 2


def test_an_old_hash_is_renewed_when_the_password_is_known(town: Town) -> None:
    key = comparable(EMAIL)
    town.store.kept[key] = Credentials(town.store.kept[key].account, f"old hash of {PASSWORD}")
    town.fail(1)
    assert town.store.rehashed == []
    town.accounts.sign_in(EMAIL, PASSWORD, HERE)
    assert town.store.rehashed == ["a-0"]


def test_a_suspended_account_is_told_so_only_to_its_owner(town: Town) -> None:
    town.directory.set_status("ada@EXAMPLE.test", "suspended")
    assert town.code(EMAIL, PASSWORD) == "account-suspended"
    assert town.code(EMAIL, "wrong") == "invalid-credentials"
    with pytest.raises(Forbidden, match="account-suspended"):
        town.accounts.account("a-0")
    town.directory.set_status(EMAIL, "active")
    assert town.accounts.account("a-0").status == "active"


def test_an_account_that_is_gone_is_unauthenticated(town: Town) -> None:
    with pytest.raises(Unauthenticated) as caught:
        town.accounts.account("a-9")
    assert caught.value.code == "unauthenticated"


def test_a_role_counts_from_the_next_token_on(town: Town) -> None:
    before = town.accounts.account("a-0")
    assert town.directory.grant("ADA@example.test", "admin") == replace(before, role="admin")
    assert town.accounts.sign_in(EMAIL, PASSWORD, HERE) == "a-0 as admin"


def test_nobody_can_be_granted_anything_who_is_not_there(town: Town) -> None:
    with pytest.raises(NotFound, match="account-not-found"):
        town.directory.grant("nobody@example.test", "admin")


@pytest.mark.parametrize("days", [1, -1, 365])
def test_a_date_that_is_wrong_for_a_while_shuts_nobody_out_and_lets_nobody_in(town: Town, days: int) -> None:
    town.clock.advance(days=days)
    town.fail(FROM_ONE_ADDRESS)
    town.clock.advance(days=-days)
    assert town.code(EMAIL, PASSWORD) == "too-many-attempts"
    town.timer.advance(minutes=15, seconds=1)
    assert town.code(EMAIL, PASSWORD) == "a-0 as customer"


def test_failures_of_a_wrong_tomorrow_do_not_count(town: Town) -> None:
    """They are there where the service took the date from its machine, before it had a timer."""
    for _ in range(FROM_ANYWHERE):
        town.store.record_failure(comparable(EMAIL), Failure(HERE, town.timer() + timedelta(days=1)), town.timer())
    assert town.code(EMAIL, PASSWORD) == "a-0 as customer"
