"""Users, put together."""

import time
from pathlib import Path
from typing import cast

from pydantic import field_validator

from services.common.auth import keyfile
from services.common.auth.keyfile import FiledKeys
from services.common.auth.keys import OwnKeys
from services.common.auth.published import KNOWN_EVERYWHERE
from services.common.auth.tokens import Issuer, Verifier
from services.common.database.database import Database
from services.common.database.heartbeat import Heartbeat
from services.common.database.readiness import Readiness
from services.common.runtime import identifiers, times
from services.common.runtime.commands import Report
from services.common.runtime.settings import Common, Settings
from services.common.web.app import App
from services.common.web.samples import Json
from services.users import routes
from services.users.domain import Accounts
from services.users.passwords import Argon2
from services.users.store import MODELS, AccountStore


class KeySettings(Settings):
    """`jwt_private_key_file`: a PEM file, the first block of which signs."""

    jwt_private_key_file: Path

    @field_validator("jwt_private_key_file")
    @classmethod
    def _usable(cls, path: Path) -> Path:
        try:
            FiledKeys(path)
        except OSError as error:
            raise ValueError(f"cannot be read ({type(error).__name__})") from error
        return path


class UsersSettings(KeySettings, Common):
    """What the service needs."""


def build(settings: UsersSettings) -> App:
    """The service, its tables there. Raises Unavailable without a database."""
    database = Database(settings.database_url, durable=False)
    keys = FiledKeys(settings.jwt_private_key_file)
    issuer = Issuer(keys.own, settings.jwt_issuer, settings.jwt_audience)
    verifier = Verifier(keys, settings.jwt_issuer, settings.jwt_audience)
    store = AccountStore(database)
    timer = Heartbeat(database)
    ready = Readiness(database, timer, MODELS, needs_writing=False)
    app = App("users", verifier=verifier, ready=ready, end=[database.close])
    accounts = Accounts(store, Argon2(), issuer, clock=times.now, timer=timer, new_id=identifiers.uuid7)
    return routes.mount(app, accounts, lambda: keys.own().document())


def outline() -> App:
    """The routes alone, with nothing behind them: enough to describe them."""
    return routes.mount(App("users"), cast(Accounts, None), dict)


def document() -> Json:
    """The OpenAPI document."""
    return outline().document()


def list_keys(settings: KeySettings) -> Report:
    """What the key file holds."""
    return _listed(OwnKeys(settings.jwt_private_key_file.read_bytes()))


def rotate_key(settings: KeySettings) -> Report:
    """Let a new key sign, once everybody has it. Raises OSError."""
    return _listed(keyfile.rotate(settings.jwt_private_key_file, _everybody_has_it))


def withdraw_key(settings: KeySettings, kid: str) -> Report:
    """Publish a key no longer. Raises NotFound("key-not-found"), OSError."""
    return _listed(keyfile.withdraw(settings.jwt_private_key_file, kid, _everybody_has_it))


def _everybody_has_it() -> None:
    time.sleep(KNOWN_EVERYWHERE)


def _listed(own: OwnKeys) -> Report:
    return Report("".join(f"{kid} {'signs' if kid == own.kid else 'is published'}\n" for kid in own.current))
