"""Accounts and failed attempts in the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import peewee

from services.common.database import migrations
from services.common.database.database import Database, parameter
from services.common.database.retention import forget_oldest
from services.common.runtime import times
from services.users.domain import Account, Credentials, Failure, Role, Status, taken


class _Account(peewee.Model):
    id = peewee.TextField(primary_key=True)
    email = peewee.TextField()
    email_key = peewee.TextField(unique=True)
    password_hash = peewee.TextField()
    name = peewee.TextField(null=True)
    role = peewee.TextField()
    status = peewee.TextField()
    created_at = peewee.BigIntegerField()

    class Meta:
        table_name = "accounts"


class _Failure(peewee.Model):
    email_key = peewee.TextField()
    address = peewee.TextField()
    at = peewee.BigIntegerField(index=True)

    class Meta:
        table_name = "failed_attempts"
        indexes = ((("email_key", "at"), False),)


class _Success(peewee.Model):
    email_key = peewee.TextField()
    address = peewee.TextField()
    at = peewee.BigIntegerField()

    class Meta:
        table_name = "known_addresses"
        primary_key = peewee.CompositeKey("email_key", "address")


MODELS = (_Account, _Failure, _Success)
MIGRATIONS = Path(__file__).with_name("migrations")


class AccountStore:
    """Implements domain.Store; times are kept in milliseconds. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        migrations.require(database, MIGRATIONS, [model._meta.table_name for model in MODELS])
        database.bind(MODELS)
        columns = (_Account.id, _Account.email, _Account.name, _Account.role, _Account.status, _Account.created_at)
        with_hash = _Account.select(*columns, _Account.password_hash)
        self._by_id = database.statement(_Account.select(*columns).where(_Account.id == parameter("id")))
        self._by_key = database.statement(with_hash.where(_Account.email_key == parameter("key")))

    def add(self, account: Account, key: str, password_hash: str) -> None:
        try:
            with self._database.writing():
                _Account.insert(**_columns(account), email_key=key, password_hash=password_hash).execute()
        except peewee.IntegrityError as error:
            raise taken() from error

    def by_id(self, account_id: str) -> Account | None:
        with self._database.reading():
            rows = self._by_id.rows(id=account_id)
        return _account(*rows[0]) if rows else None

    def credentials(self, key: str) -> Credentials | None:
        with self._database.reading():
            rows = self._by_key.rows(key=key)
        if not rows:
            return None
        *account, password_hash = rows[0]
        return Credentials(_account(*account), password_hash)

    def update(self, account: Account) -> None:
        with self._database.writing():
            _Account.update(**_columns(account)).where(_Account.id == account.id).execute()

    def rehash(self, account_id: str, password_hash: str) -> None:
        with self._database.writing():
            _Account.update(password_hash=password_hash).where(_Account.id == account_id).execute()

    def rekey(self, account_id: str, key: str) -> None:
        with suppress(peewee.IntegrityError), self._database.writing():
            _Account.update(email_key=key).where(_Account.id == account_id).execute()

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        with self._database.writing():
            self._database.lock(f"sign-in {key}")
            yield

    def failures(self, key: str, since: datetime, until: datetime) -> Sequence[Failure]:
        wanted = (
            (_Failure.email_key == key)
            & (_Failure.at > times.milliseconds(since))
            & (_Failure.at <= times.milliseconds(until))
        )
        with self._database.reading():
            rows = list(_Failure.select().where(wanted).order_by(_Failure.at.desc()))
        return [Failure(row.address, times.of(row.at)) for row in rows]

    def knows(self, key: str, address: str) -> bool:
        with self._database.reading():
            return bool(_Success.get_or_none((_Success.email_key == key) & (_Success.address == address)))

    def record_failure(self, key: str, failure: Failure, forget_before: datetime) -> None:
        with self._database.writing():
            forget_oldest(_Failure.at, times.milliseconds(forget_before))
            _Failure.insert(email_key=key, address=failure.address, at=times.milliseconds(failure.at)).execute()

    def record_success(self, key: str, address: str, at: datetime, most: int) -> None:
        with self._database.writing():
            _Failure.delete().where((_Failure.email_key == key) & (_Failure.address == address)).execute()
            _Success.insert(email_key=key, address=address, at=times.milliseconds(at)).on_conflict(
                conflict_target=[_Success.email_key, _Success.address], preserve=[_Success.at]
            ).execute()
            theirs = _Success.email_key == key
            last = _Success.select(_Success.address).where(theirs).order_by(_Success.at.desc()).limit(most)
            _Success.delete().where(theirs & _Success.address.not_in(last)).execute()


def _columns(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "role": account.role,
        "status": account.status,
        "created_at": times.milliseconds(account.created_at),
    }


def _account(account_id: str, email: str, name: str | None, role: Role, status: Status, created_at: int) -> Account:
    return Account(account_id, email, name, role, status, times.of(created_at))
