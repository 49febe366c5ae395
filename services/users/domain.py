"""Accounts: who there is, who may sign in, and how often somebody may try."""

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from services.common.errors import Forbidden, NotFound, TooManyRequests, Unauthenticated

Role = Literal["customer", "admin"]
Status = Literal["active", "suspended"]

WINDOW = timedelta(minutes=15)
FROM_ONE_ADDRESS = 10
FROM_ANYWHERE = 100


@dataclass(frozen=True)
class Account:
    """`email` is as its owner wrote it; accounts are told apart by `comparable(email)`."""

    id: str
    email: str
    name: str | None
    role: Role
    status: Status
    created_at: datetime


@dataclass(frozen=True)
class Credentials:
    account: Account
    password_hash: str


@dataclass(frozen=True)
class Failure:
    """An attempt to sign in that failed, from a network address."""

    address: str
    at: datetime


class Store(Protocol):
    """Where accounts are kept; `key` is always `comparable(email)`."""

    def add(self, account: Account, key: str, password_hash: str) -> None:
        """Raises Conflict("email-taken")."""

    def by_id(self, account_id: str) -> Account | None: ...

    def credentials(self, key: str) -> Credentials | None: ...

    def update(self, account: Account) -> None: ...

    def rehash(self, account_id: str, password_hash: str) -> None: ...

    def failures(self, key: str, since: datetime, most: int) -> Sequence[Failure]:
        """The newest first."""

    def record_failure(self, key: str, failure: Failure, forget_before: datetime) -> None: ...

    def forget_failures(self, key: str, address: str) -> None: ...


class Passwords(Protocol):
    def hash(self, password: str) -> str: ...

    def match(self, password_hash: str | None, password: str) -> bool:
        """False, after the same time, if there is no hash."""

    def stale(self, password_hash: str) -> bool: ...


class Tokens(Protocol):
    def mint(self, subject: str, role: str) -> str: ...


class Accounts:
    """What people do with their accounts; `clock` gives aware times."""

    def __init__(
        self,
        store: Store,
        passwords: Passwords,
        tokens: Tokens,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._tokens = tokens
        self._clock = clock
        self._new_id = new_id

    def register(self, email: str, password: str, name: str | None) -> Account:
        """A new account of a customer. Raises Conflict("email-taken")."""
        account = Account(self._new_id(), email, name, "customer", "active", self._clock())
        self._store.add(account, comparable(email), self._passwords.hash(password))
        return account

    def sign_in(self, email: str, password: str, address: str) -> str:
        """A token. Raises Unauthenticated("invalid-credentials") alike for an unknown account and a wrong password,
        TooManyRequests, and Forbidden("account-suspended") to who knows the password.
        """
        key, now = comparable(email), self._clock()
        failures = self._store.failures(key, now - WINDOW, FROM_ANYWHERE)
        _throttle(failures, address, now)
        known = self._store.credentials(key)
        if not self._passwords.match(known.password_hash if known else None, password) or not known:
            self._store.record_failure(key, Failure(address, now), now - WINDOW)
            raise Unauthenticated("invalid-credentials", "The e-mail address or the password is wrong.")
        self._settle(known, password, key, address, failures)
        return self._tokens.mint(known.account.id, known.account.role)

    def account(self, account_id: str) -> Account:
        """The account that a valid token names. Raises Unauthenticated if it is gone, Forbidden if suspended."""
        account = self._store.by_id(account_id)
        if account is None:
            raise Unauthenticated(detail="the account is gone")
        _check_active(account)
        return account

    def _settle(self, known: Credentials, password: str, key: str, address: str, failures: Sequence[Failure]) -> None:
        """What a right password leads to, before there is a token."""
        _check_active(known.account)
        if self._passwords.stale(known.password_hash):
            self._store.rehash(known.account.id, self._passwords.hash(password))
        if any(failure.address == address for failure in failures):
            self._store.forget_failures(key, address)


class Directory:
    """What an operator does to accounts; each method raises NotFound("account-not-found")."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def grant(self, email: str, role: Role) -> Account:
        """The account, from its next token on in another role."""
        return self._change(replace(self._find(email), role=role))

    def set_status(self, email: str, status: Status) -> Account:
        """The account, suspended or active again."""
        return self._change(replace(self._find(email), status=status))

    def _find(self, email: str) -> Account:
        known = self._store.credentials(comparable(email))
        if known is None:
            raise NotFound("account-not-found", f"There is no account {email}.")
        return known.account

    def _change(self, account: Account) -> Account:
        self._store.update(account)
        return account


def comparable(email: str) -> str:
    """What two e-mail addresses have in common if they are the same but for case."""
    return unicodedata.normalize("NFC", email).casefold()


def _check_active(account: Account) -> None:
    if account.status != "active":
        raise Forbidden("account-suspended", "This account is suspended.")


def _throttle(failures: Sequence[Failure], address: str, now: datetime) -> None:
    """Refuse before any password is looked at; only failures count, so nobody is shut out for longer than WINDOW."""
    here = [failure.at for failure in failures if failure.address == address]
    for times, limit in ((here, FROM_ONE_ADDRESS), ([failure.at for failure in failures], FROM_ANYWHERE)):
        if len(times) >= limit:
            seconds = math.ceil((times[limit - 1] + WINDOW - now).total_seconds())
            raise TooManyRequests("too-many-attempts", retry_after=max(1, seconds))
