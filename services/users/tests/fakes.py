"""Stand-ins for what the accounts need."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from services.common.errors import Conflict
from services.users.domain import Account, Credentials, Failure


class MemoryStore:
    """domain.Store in a dictionary; remembers that nothing was asked of it."""

    def __init__(self) -> None:
        self.kept: dict[str, Credentials] = {}
        self.failed: list[tuple[str, Failure]] = []
        self.known: dict[str, list[str]] = {}
        self.rehashed: list[str] = []

    def add(self, account: Account, key: str, password_hash: str) -> None:
        if key in self.kept:
            raise Conflict("email-taken")
        self.kept[key] = Credentials(account, password_hash)

    def by_id(self, account_id: str) -> Account | None:
        return next((known.account for known in self.kept.values() if known.account.id == account_id), None)

    def credentials(self, key: str) -> Credentials | None:
        return self.kept.get(key)

    def update(self, account: Account) -> None:
        for key, known in self.kept.items():
            if known.account.id == account.id:
                self.kept[key] = Credentials(account, known.password_hash)

    def rehash(self, account_id: str, password_hash: str) -> None:
        self.rehashed.append(account_id)

    def rekey(self, account_id: str, key: str) -> None:
        former = next(former for former, known in self.kept.items() if known.account.id == account_id)
        if key not in self.kept:
            self.kept[key] = self.kept.pop(former)

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        yield

    def failures(self, key: str, since: datetime, until: datetime) -> Sequence[Failure]:
        found = [failure for kept, failure in self.failed if kept == key and since < failure.at <= until]
        return sorted(found, key=lambda failure: failure.at, reverse=True)

    def knows(self, key: str, address: str) -> bool:
        return address in self.known.get(key, [])

    def record_failure(self, key: str, failure: Failure, forget_before: datetime) -> None:
        self.failed.append((key, failure))

    def record_success(self, key: str, address: str, at: datetime, most: int) -> None:
        self.failed = [(kept, failure) for kept, failure in self.failed if (kept, failure.address) != (key, address)]
        others = [known for known in self.known.get(key, []) if known != address]
        self.known[key] = [address, *others][:most]


class PlainPasswords:
    """Hashes that can be read; counts how often one was made, pretended to be made, and looked at."""

    def __init__(self) -> None:
        self.made = self.pretended = self.looked_at = 0

    def hash(self, password: str) -> str:
        self.made += 1
        return f"hash of {password}"

    def pretend(self, password: str) -> None:
        self.pretended += 1

    def match(self, password_hash: str | None, password: str) -> bool:
        self.looked_at += 1
        return password_hash in (f"hash of {password}", f"old hash of {password}")

    def stale(self, password_hash: str) -> bool:
        return password_hash.startswith("old")


class PlainTokens:
    def mint(self, subject: str, role: str) -> str:
        return f"{subject} as {role}"


class Clock:
    """A time that passes only when told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        self.time += timedelta(**span)
