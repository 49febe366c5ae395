"""`python -m services.users`: serve, or one of the commands of an operator."""

import sys

from services.common.commands import Command, Environ, Report, descriptions, door, serve
from services.common.settings import DatabaseSettings, load
from services.users import app
from services.users.domain import ROLES, Role


def _grant(environ: Environ, email: str, role: Role) -> Report:
    return app.grant(load(DatabaseSettings, environ), email, role)


def _suspend(environ: Environ, email: str) -> Report:
    return app.set_status(load(DatabaseSettings, environ), email, "suspended")


def _restore(environ: Environ, email: str) -> Report:
    return app.set_status(load(DatabaseSettings, environ), email, "active")


COMMANDS = (
    serve("users", app.UsersSettings, app.build),
    *descriptions(app.document),
    Command("grant", "give an account a role", _grant, ("email", "role"), {"role": ROLES}),
    Command("suspend", "suspend an account", _suspend, ("email",)),
    Command("restore", "restore a suspended account", _restore, ("email",)),
)


if __name__ == "__main__":
    sys.exit(door("users", COMMANDS))
