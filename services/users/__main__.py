"""`python -m services.users`: serve, or one of the commands of an operator."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from services.common.runtime.commands import (
    Command,
    Composition,
    Environ,
    Report,
    Tables,
    basics,
    database_settings,
    door,
)

if TYPE_CHECKING:
    from services.users.app import KeySettings


def _compose() -> Composition:
    from services.users import app

    return Composition(app.UsersSettings, app.build, app.document)


def _tables() -> Tables:
    from services.users import store

    return Tables(store.MODELS, store.MIGRATIONS)


def _grant(environ: Environ, email: str, role: str) -> Report:
    from services.users import operator

    return operator.grant(database_settings(environ), email, role)


def _suspend(environ: Environ, email: str) -> Report:
    from services.users import operator

    return operator.set_status(database_settings(environ), email, "suspended")


def _restore(environ: Environ, email: str) -> Report:
    from services.users import operator

    return operator.set_status(database_settings(environ), email, "active")


def _make_key(_environ: Environ, file: str) -> Report:
    from services.common.auth import keyfile

    return Report(f"{file} {'is made' if keyfile.make(Path(file)) else 'is there already'}\n")


def _list_keys(environ: Environ) -> Report:
    from services.users import app

    return app.list_keys(_key_settings(environ))


def _rotate_key(environ: Environ) -> Report:
    from services.users import app

    return app.rotate_key(_key_settings(environ))


def _withdraw_key(environ: Environ, kid: str) -> Report:
    from services.users import app

    return app.withdraw_key(_key_settings(environ), kid)


def _key_settings(environ: Environ) -> "KeySettings":
    from services.common.runtime.settings import load
    from services.users.app import KeySettings

    return load(KeySettings, environ)


COMMANDS = (
    *basics("users", _compose, _tables),
    Command("grant", "give an account a role", _grant, ("email", "role"), {"role": ("customer", "admin")}),
    Command("suspend", "suspend an account", _suspend, ("email",)),
    Command("restore", "restore a suspended account", _restore, ("email",)),
    Command("make-key", "make the file with the key that signs the tokens, unless it is there", _make_key, ("file",)),
    Command("keys", "list the keys that tokens are signed and checked with", _list_keys),
    Command("rotate-key", "let a new key sign; what was signed before holds on", _rotate_key),
    Command("withdraw-key", "let what a key signed hold no longer, from now on", _withdraw_key, ("kid",)),
)


if __name__ == "__main__":
    sys.exit(door("users", COMMANDS))
