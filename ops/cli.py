"""The command line: one module a command in `ops.commands`; here is the only place that prints results and exits."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops import VERSION, system
from ops.commands.completion import COMPLETE
from ops.errors import Exit, OpsError, StackNotReady, known
from ops.interruption import listen, undisturbed
from ops.outcome import Outcome
from ops.progress import Progress, printable

if TYPE_CHECKING:
    from rich.text import Text

COMMANDS = {
    "verify": "verify",
    "test": "test",
    "up": "lifecycle",
    "down": "lifecycle",
    "status": "lifecycle",
    "restart": "restart",
    "check": "check",
    "smoke": "smoke",
    "openapi": "openapi",
    "bench": "bench",
    "images": "images",
    "logs": "logs",
    "fault": "fault",
    "trace": "trace",
    "report": "report",
    "exec": "exec",
    "completion": "completion",
}
"""The module of each, in the order of the help; only that of the command that is called is loaded."""


FILE_OPTION = click.Option(
    ["--file"],
    metavar="PATH",
    expose_value=False,
    help=f"The Compose file of the system, else {system.FILE} in the environment.  [default: docker-compose.yml here]",
)
"""On every command. It is obeyed before a command is loaded: `_choose_file`."""


class Commands(click.Group):
    """The commands, each with its whole first sentence in the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The one of that name, None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"ops.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, "exec_" if cmd_name == "exec" else cmd_name)
        if FILE_OPTION not in command.params:
            command.params.append(FILE_OPTION)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises UsageError for an unknown name, with the nearest there is."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0].lower(), COMMANDS, n=1)
            nearest = f"the nearest is {near[0]!r}" if near else f"there are {', '.join(COMMANDS)}"
            ctx.fail(f"There is no command {args[0]!r}; {nearest}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Broken into lines, where click cuts off."""
        rows = [(name, self._first_sentence(ctx, name)) for name in COMMANDS]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _first_sentence(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=1000) if command else ""


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, message="gateproof %(version)s")
def cli() -> None:
    """Bring a gateway-fronted stack up, prove its promises while parts are broken, and leave evidence.

    Exit codes: 0 all held, 1 a scenario or test failed, 2 wrong usage, 3 configuration invalid, 4 stack not ready,
    5 something was not proven, 6 clean-up failed, 130 interrupted.
    """


def main(arguments: Sequence[str]) -> int:
    """Run one command, print its result, return its exit code."""
    listen()
    try:
        _choose_file(arguments)
        outcome = cli.main(list(arguments), "python3 -m ops", COMPLETE, standalone_mode=False)
        for line in outcome.lines if isinstance(outcome, Outcome) else ():
            click.echo(printable(line))
        with undisturbed():  # who reads the result, and leaves early, has read enough
            return _print(outcome)
    except click.ClickException as mistake:
        mistake.show()
        return Exit.USAGE
    except (OpsError, OSError) as error:
        failure = known(error)
        _explain(failure)
        return failure.exit
    except (KeyboardInterrupt, click.Abort):
        Progress().complain("interrupted")
        return Exit.INTERRUPTED


def _before_service(own: Sequence[str]) -> int:
    """Where the options of `exec` itself end: the rest is the command's."""
    at = 1
    while at < len(own) and own[at].startswith("-"):
        at += 1 if "=" in own[at] else 2
    return at


def _choose_file(arguments: Sequence[str]) -> None:
    """Let `--file PATH` be the system that this process, and each that it starts, works on. Raises OpsError."""
    own = list(itertools.takewhile(lambda argument: argument != "--", arguments))
    if own[:1] == ["exec"]:
        own = own[: _before_service(own)]
    for at, argument in enumerate(own):
        if argument == "--file" and at + 1 < len(own):
            system.choose(Path(own[at + 1]))
        elif argument.startswith("--file="):
            system.choose(Path(argument.partition("=")[2]))
    system.current()


def _print(outcome: Outcome | int | None) -> int:
    if not isinstance(outcome, Outcome):
        return outcome or Exit.HELD
    if isinstance(outcome.text, str):
        if outcome.text:
            click.echo(printable(outcome.text))
    else:
        _print_styled(outcome.text)
    sys.stdout.flush()
    return outcome.exit


def _print_styled(text: Text) -> None:
    from rich.console import Console  # it takes its time, and few results have styles

    console = Console(highlight=False, soft_wrap=True)
    console.print(text.plain if console.no_color else text, markup=False)


def _explain(failure: OpsError) -> None:
    progress = Progress()
    progress.complain(str(failure))
    if isinstance(failure, StackNotReady):
        progress.quote(failure.log)
