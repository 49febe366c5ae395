"""The door of a service: `python -m services.<name>` serves, `python -m services.<name> COMMAND …` does one thing."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.common import logs, openapi
from services.common.errors import ServiceError
from services.common.settings import Common, SettingsError, load
from services.common.timeouts import TIMEOUTS
from services.common.web import App

Environ = Mapping[str, str]
WRONG_SETTINGS = 2


@dataclass(frozen=True)
class Command:
    """`run` gets the environment and the text of each argument in turn, and gives the exit code."""

    name: str
    help: str
    run: Callable[..., int]
    arguments: tuple[str, ...] = ()


def run(service: str, argv: Sequence[str], environ: Environ, commands: Sequence[Command]) -> int:
    """Do what `argv` asks; the first command is the one for no name at all. Exit code 2: settings or usage wrong."""
    chosen, arguments = _parsed(service, argv, commands)
    try:
        return chosen.run(environ, *arguments)
    except SettingsError as error:
        return _failed(f"{service}: wrong settings\n{error}", WRONG_SETTINGS)
    except (ServiceError, OSError) as error:
        return _failed(f"{service}: {error}", 1)


def serve(service: str, model: type[Common], build: Callable[..., App]) -> Command:
    """The command that serves `build(settings)` until SIGTERM."""

    def serving(environ: Environ) -> int:
        from services.common.server import Server, listen

        settings = load(model, environ)
        logs.configure(service, settings.log_level)
        listener = listen(settings.host, settings.port)
        return Server(build(settings), listener).run()

    return Command("serve", "answer requests until SIGTERM (the default)", serving)


def descriptions(document: Callable[[], openapi.Json]) -> tuple[Command, Command]:
    """The two commands that describe the service and need no settings."""
    return (
        Command("openapi", "print the OpenAPI document", lambda _: _printed(document())),
        Command("timeouts", "print the chain of timeouts, in seconds", lambda _: _printed(TIMEOUTS.document())),
    )


def door(service: str, commands: Sequence[Command]) -> int:
    """`run` with the arguments and the environment of this process."""
    return run(service, sys.argv[1:], os.environ, commands)


def _parsed(service: str, argv: Sequence[str], commands: Sequence[Command]) -> tuple[Command, list[str]]:
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in commands:
        subparser = subparsers.add_parser(command.name, help=command.help)
        for argument in command.arguments:
            subparser.add_argument(argument, metavar=argument.upper())
    given = vars(parser.parse_args(argv))
    chosen = next((command for command in commands if command.name == given["command"]), commands[0])
    return chosen, [given[argument] for argument in chosen.arguments]


def _printed(document: Mapping[str, object]) -> int:
    sys.stdout.write(openapi.text(dict(document)) + "\n")
    return 0


def _failed(message: str, code: int) -> int:
    sys.stderr.write(message + "\n")
    return code
