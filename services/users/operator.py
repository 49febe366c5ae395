"""What an operator does to accounts: without the application, which takes longer to load than this takes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import cast

from services.common.database.database import Database
from services.common.runtime.commands import Report
from services.common.runtime.settings import DatabaseSettings
from services.users.domain import Directory, Role, Status
from services.users.store import AccountStore


def grant(settings: DatabaseSettings, email: str, role: str) -> Report:
    """Give an account a role. Raises NotFound("account-not-found")."""
    with _directory(settings) as directory:
        account = directory.grant(email, cast(Role, role))
    return Report(f"{account.email} is {account.role} from the next sign-in on\n")


def set_status(settings: DatabaseSettings, email: str, status: Status) -> Report:
    """Suspend or restore an account. Raises NotFound("account-not-found")."""
    with _directory(settings) as directory:
        account = directory.set_status(email, status)
    return Report(f"{account.email} is {account.status}\n")


@contextmanager
def _directory(settings: DatabaseSettings) -> Iterator[Directory]:
    with closing(Database(settings.database_url, durable=False)) as database:
        yield Directory(AccountStore(database))
