"""The door of a service: `python -m services.<name>` serves, `python -m services.<name> COMMAND …` does one thing.

Commands import what they need when they run, so that what describes the service answers at once.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from services.common.errors import DatabaseLost, SchemaUnfit, ServiceError, SettingsError
from services.common.runtime.timeouts import TIMEOUTS

if TYPE_CHECKING:
    from peewee import Model

    from services.common.database.database import Database
    from services.common.database.migrations import Migration
    from services.common.runtime.settings import Common, DatabaseSettings
    from services.common.web.app import App

Environ = Mapping[str, str]
WRONG_SETTINGS = 2
CURE = (
    "put it back, or a backup in its place: python -m services.{service} restore-backup FILE; "
    "or begin with an empty one: python -m services.{service} init"
)


@dataclass(frozen=True)
class Report:
    """What a command has to say, on standard output and standard error, and the exit code."""

    out: str = ""
    err: str = ""
    code: int = 0


@dataclass(frozen=True)
class Command:
    """`run` gets the environment, the text of each argument in turn, and whether each of the `flags` was given;
    `choices` limits what an argument may be.
    """

    name: str
    help: str
    run: Callable[..., Report]
    arguments: tuple[str, ...] = ()
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Composition:
    """A service put together: its settings, the application they make, its OpenAPI document."""

    settings: "type[Common]"
    build: "Callable[..., App]"
    document: Callable[[], Mapping[str, object]]


@dataclass(frozen=True)
class Tables:
    """Its tables, and the folder with what makes them."""

    models: "Sequence[type[Model]]"
    migrations: Path


def run(service: str, argv: Sequence[str], environ: Environ, commands: Sequence[Command]) -> Report:
    """Do what `argv` asks; the first command is the one for no name at all. Code 2: the settings or usage are wrong."""
    chosen, arguments = _parsed(service, argv, commands)
    try:
        return chosen.run(environ, *arguments)
    except SettingsError as error:
        return Report(err=f"{service}: these settings are missing or wrong\n{error}\n", code=WRONG_SETTINGS)
    except DatabaseLost as error:
        return Report(err=f"{service}: {error}; {CURE.format(service=service)}\n", code=1)
    except (ServiceError, SchemaUnfit, OSError, UnicodeError) as error:
        return Report(err=f"{service}: {error}\n", code=1)


def door(service: str, commands: Sequence[Command]) -> int:
    """`run` with the arguments and the environment of this process; writes the report, gives the exit code."""
    _spare(os.environ)
    report = run(service, sys.argv[1:], os.environ, commands)
    sys.stdout.write(report.out)
    sys.stderr.write(report.err)
    return report.code


def serve(service: str, compose: Callable[[], Composition]) -> Command:
    """The command that serves what `compose` imports."""

    def serving(environ: Environ) -> Report:
        from services.common.runtime import server
        from services.common.runtime.settings import load

        composition = compose()
        settings = load(composition.settings, environ)
        return Report(code=server.serve(service, settings, lambda: composition.build(settings)))

    return Command("serve", "answer requests until SIGTERM (the default)", serving)


def basics(service: str, compose: Callable[[], Composition], tables: Callable[[], Tables]) -> tuple[Command, ...]:
    """What every service can do: serve, describe itself, and look after its database.

    `tables` imports nothing but these: what comes before each start is to take no longer than it must.
    """
    return (serve(service, compose), *descriptions(compose), *keeping(tables))


def descriptions(compose: Callable[[], Composition]) -> tuple[Command, Command]:
    """The two commands that describe the service and need no settings."""
    return (
        Command("openapi", "print the OpenAPI document", lambda _: _printed(compose().document())),
        Command("timeouts", "print the chain of timeouts, in seconds", lambda _: _printed(TIMEOUTS.document())),
    )


def keeping(tables: Callable[[], Tables]) -> tuple[Command, ...]:
    """The commands for what must not be lost."""

    def backup(environ: Environ, file: str) -> Report:
        from services.common.database import backup

        return Report(err=backup.backup(database_settings(environ).database_url, file))

    def restore(environ: Environ, file: str) -> Report:
        from services.common.database import backup

        return Report(backup.restore(database_settings(environ).database_url, file, tables().models))

    def migrate(environ: Environ) -> Report:
        from services.common.database import migrations

        return _migrated(environ, lambda database: migrations.migrate(database, tables().migrations))

    def init(environ: Environ, drop_rest: bool) -> Report:
        from services.common.database import migrations

        own = tables()
        names = [model._meta.table_name for model in own.models]
        return _migrated(
            environ, lambda database: migrations.begin_anew(database, own.migrations, names, drop_rest=drop_rest)
        )

    return (
        Command("migrate", "make the tables, and change those of an older release; before each start", migrate),
        Command(
            "backup", "copy the database into a file (- is standard output); the service may run", backup, ("file",)
        ),
        Command("restore-backup", "put such a copy in its place (- is standard input)", restore, ("file",)),
        Command(
            "init",
            "begin with an empty database where one, or a table of it, was lost",
            init,
            flags={"drop-rest": "also drop the tables that are left, with what is in them"},
        ),
    )


def _migrated(environ: Environ, work: "Callable[[Database], list[Migration]]") -> Report:
    from services.common.database import migrations
    from services.common.database.database import Database

    url = database_settings(environ).database_url
    with closing(Database(url, durable=True, busy=migrations.PATIENCE)) as database:
        migrations.await_server(database)
        done = work(database)
    return Report("".join(f"{one.path.name} is done\n" for one in done) or "nothing is to be done\n")


def database_settings(environ: Environ) -> "DatabaseSettings":
    """What a command needs that only touches the database. Raises SettingsError."""
    from services.common.runtime.settings import DatabaseSettings, load

    return load(DatabaseSettings, environ)


def _spare(environ: Environ) -> None:
    """Let libraries count as not installed that others would import for nothing, a third of a service's start:
    rich, which structlog takes where it is there, and psycopg, which Peewee takes, if the database is SQLite.
    """
    unused = ["rich", *(["psycopg"] if environ.get("DATABASE_URL", "").startswith("sqlite:") else [])]
    for name in unused:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type] # how Python marks a module as not found


def _parsed(service: str, argv: Sequence[str], commands: Sequence[Command]) -> tuple[Command, list[str | bool]]:
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in commands:
        subparser = subparsers.add_parser(command.name, help=command.help)
        for argument in command.arguments:
            subparser.add_argument(argument, metavar=argument.upper(), choices=command.choices.get(argument))
        for flag, help in command.flags.items():
            subparser.add_argument(f"--{flag}", dest=flag, help=help, action="store_true")
    given = vars(parser.parse_args(_with_dashes(argv, commands)))
    chosen = next((command for command in commands if command.name == given["command"]), commands[0])
    return chosen, [given[argument] for argument in (*chosen.arguments, *chosen.flags)]


def _with_dashes(argv: Sequence[str], commands: Sequence[Command]) -> Sequence[str]:
    """An argument may begin with a dash, as a key's ID does now and then, where the command has no flags."""
    is_plain = any([one.name] == argv[:1] and one.arguments and not one.flags for one in commands)
    return [argv[0], "--", *argv[1:]] if is_plain and not {"-h", "--help"} & {*argv} else argv


def _printed(document: Mapping[str, object]) -> Report:
    return Report(json.dumps(document, indent=2) + "\n")
