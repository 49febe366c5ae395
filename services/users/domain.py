"""Accounts: who there is, who may sign in, and how often somebody may try.

Within WINDOW an account takes FROM_ONE_ADDRESS wrong passwords from one address, and FROM_ANYWHERE from all together;
beyond that no password is looked at. Strangers with many addresses can so keep an account shut for as long as they go
on, but not for the KNOWN_ADDRESSES from which its owner signed in last: there only failures from there count. An IPv6
address counts as its /64, which is what one customer of a network is given.
"""

import ipaddress
import math
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

import idna

from services.common.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unauthenticated

Role = Literal["customer", "admin"]
Status = Literal["active", "suspended"]

WINDOW = timedelta(minutes=15)
FROM_ONE_ADDRESS = 10
FROM_ANYWHERE = 100
KNOWN_ADDRESSES = 5
SKEW = timedelta(minutes=1)
"""By so much the timers of replicas may differ; failures that lie farther in the future do not count."""
ACE = "xn--"
"""What a part of a domain in its ASCII form begins with (RFC 5890)."""


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
    """An attempt to sign in that failed, from the `origin` of a network address."""

    address: str
    at: datetime


class Store(Protocol):
    """Where accounts are kept; `key` is `comparable(email)`, of an older account maybe `formerly_comparable(email)`."""

    def add(self, account: Account, key: str, password_hash: str) -> None:
        """Raises Conflict("email-taken")."""

    def by_id(self, account_id: str) -> Account | None: ...

    def credentials(self, key: str) -> Credentials | None: ...

    def update(self, account: Account) -> None: ...

    def rehash(self, account_id: str, password_hash: str) -> None: ...

    def rekey(self, account_id: str, key: str) -> None:
        """Keep the account under another key, unless there is one under that."""

    def alone(self, key: str) -> AbstractContextManager[None]:
        """One transaction, while there is no other of this kind for the same key."""

    def failures(self, key: str, since: datetime, until: datetime) -> Sequence[Failure]:
        """Those after `since`, the newest first."""

    def knows(self, key: str, address: str) -> bool:
        """True if it is one of the addresses that succeeded last."""

    def record_failure(self, key: str, failure: Failure, forget_before: datetime) -> None:
        """Also forget some of the failures before then, of any account."""

    def record_success(self, key: str, address: str, at: datetime, most: int) -> None:
        """Forget the failures from there, and know the `most` addresses that succeeded last."""


class Passwords(Protocol):
    def hash(self, password: str) -> str: ...

    def pretend(self, password: str) -> None:
        """Take as long as `hash`."""

    def match(self, password_hash: str | None, password: str) -> bool:
        """False, after the same time, if there is no hash."""

    def stale(self, password_hash: str) -> bool: ...


class Tokens(Protocol):
    def mint(self, subject: str, role: str) -> str: ...


class Accounts:
    """What people do with their accounts; `clock` gives aware times for people to read, `timer` those that attempts
    are counted by, which must not jump.
    """

    def __init__(
        self,
        store: Store,
        passwords: Passwords,
        tokens: Tokens,
        *,
        clock: Callable[[], datetime],
        timer: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._tokens = tokens
        self._clock = clock
        self._timer = timer
        self._new_id = new_id

    def register(self, email: str, password: str, name: str | None) -> Account:
        """A new account of a customer. Raises Conflict("email-taken"), as late as if it had done the work for one."""
        if _credentials(self._store, email):
            self._passwords.pretend(password)
            raise taken()
        account = Account(self._new_id(), email, name, "customer", "active", self._clock())
        self._store.add(account, comparable(email), self._passwords.hash(password))
        return account

    def sign_in(self, email: str, password: str, address: str) -> str:
        """A token. Raises Unauthenticated("invalid-credentials") alike for an unknown account and a wrong password,
        TooManyRequests, and Forbidden("account-suspended") to who knows the password.
        """
        key, source, now = comparable(email), origin(address), self._timer()
        self._throttle(key, source, now)
        known = _credentials(self._store, email)
        if not self._passwords.match(known.password_hash if known else None, password):
            known = None
        self._record(key, source, now, succeeded=known is not None)
        if known is None:
            raise Unauthenticated("invalid-credentials", "The e-mail address or the password is wrong.")
        _check_active(known.account)
        if self._passwords.stale(known.password_hash):
            self._store.rehash(known.account.id, self._passwords.hash(password))
        return self._tokens.mint(known.account.id, known.account.role)

    def account(self, account_id: str) -> Account:
        """The account that a valid token names. Raises Unauthenticated if it is gone, Forbidden if suspended."""
        account = self._store.by_id(account_id)
        if account is None:
            raise Unauthenticated(detail="the account is gone")
        _check_active(account)
        return account

    def _throttle(self, key: str, source: str, now: datetime) -> None:
        """Raises TooManyRequests; such an attempt does not count, so it makes the wait no longer."""
        failures = self._store.failures(key, now - WINDOW, now + SKEW)
        _limit([failure.at for failure in failures if failure.address == source], FROM_ONE_ADDRESS, now)
        if len(failures) >= FROM_ANYWHERE and not self._store.knows(key, source):
            _limit([failure.at for failure in failures], FROM_ANYWHERE, now)

    def _record(self, key: str, source: str, now: datetime, *, succeeded: bool) -> None:
        """Judge once more, as others may have failed since, and only then let this attempt have an outcome: so many
        guesses at once learn no more than one after the other.
        """
        with self._store.alone(key):
            self._throttle(key, source, now)
            if succeeded:
                self._store.record_success(key, source, now, KNOWN_ADDRESSES)
            else:
                self._store.record_failure(key, Failure(source, now), now - WINDOW)


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
        known = _credentials(self._store, email)
        if known is None:
            raise NotFound("account-not-found", f"There is no account {email}.")
        return known.account

    def _change(self, account: Account) -> Account:
        self._store.update(account)
        return account


def comparable(email: str) -> str:
    """What two e-mail addresses have in common if they are of the same mailbox: the domain as the DNS has it (IDNA
    2008), the part before it without regard to case and to the forms that Unicode has of the same letters (NFKC).
    """
    local, at, domain = email.rpartition("@")
    if email.isascii() and ACE not in (domain := domain.lower()):
        return f"{local.lower()}{at}{domain}"
    with suppress(idna.IDNAError):
        domain = idna.encode(domain, uts46=True).decode()
    return f"{unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', local).casefold())}{at}{domain}"


def formerly_comparable(email: str) -> str:
    """What accounts had as their key that were made before addresses were compared as mailboxes."""
    return unicodedata.normalize("NFC", email).casefold()


def origin(address: str) -> str:
    """What attempts from an address are counted under: an IPv4 address itself, the /64 of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), 64), strict=False))


def _credentials(store: Store, email: str) -> Credentials | None:
    """Those of the mailbox. An account that is met under a key that it was given formerly gets that of today."""
    key = comparable(email)
    for asked in dict.fromkeys((key, formerly_comparable(email))):
        known = store.credentials(asked)
        own = comparable(known.account.email) if known else asked
        if known and own != asked:
            store.rekey(known.account.id, own)
        if known and own == key:
            return known
    return None


def taken() -> Conflict:
    return Conflict("email-taken", "There is an account with this e-mail address.")


def _check_active(account: Account) -> None:
    if account.status != "active":
        raise Forbidden("account-suspended", "This account is suspended.")


def _limit(times: Sequence[datetime], most: int, now: datetime) -> None:
    """Raises TooManyRequests if there are `most` times; the newest is the first."""
    if len(times) >= most:
        seconds = math.ceil((times[most - 1] + WINDOW - now).total_seconds())
        raise TooManyRequests("too-many-attempts", retry_after=max(1, seconds))
