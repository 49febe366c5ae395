"""Users, put together."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from pydantic import field_validator

from services.common import identifiers, times
from services.common.commands import Report
from services.common.database import Database
from services.common.keys import OwnKeys
from services.common.samples import Json
from services.common.settings import Common, DatabaseSettings
from services.common.tokens import Issuer, Verifier
from services.common.web import App
from services.users import routes
from services.users.domain import Accounts, Directory, Role, Status
from services.users.passwords import Argon2
from services.users.store import AccountStore


class UsersSettings(Common):
    """`jwt_private_key_file`: a PEM file, the first block of which signs."""

    jwt_private_key_file: Path

    @field_validator("jwt_private_key_file")
    @classmethod
    def _usable(cls, path: Path) -> Path:
        try:
            OwnKeys(path.read_bytes())
        except OSError as error:
            raise ValueError(f"cannot be read ({type(error).__name__})") from error
        return path


def build(settings: UsersSettings) -> App:
    """The service, its tables made. Raises Unavailable without a database."""
    database = Database(settings.database_url, durable=False)
    issuer = Issuer(settings.jwt_private_key_file.read_bytes(), settings.jwt_issuer, settings.jwt_audience)
    verifier = Verifier(issuer.keys, settings.jwt_issuer, settings.jwt_audience)
    app = App("users", verifier=verifier, ready=database.ping, end=[database.close])
    accounts = Accounts(AccountStore(database), Argon2(), issuer, clock=times.now, new_id=identifiers.uuid7)
    return routes.mount(app, accounts, issuer.keys.document())


def outline() -> App:
    """The routes alone, with nothing behind them: enough to describe them."""
    return routes.mount(App("users"), cast(Accounts, None), {"keys": []})


def document() -> Json:
    """The OpenAPI document."""
    return outline().document()


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
