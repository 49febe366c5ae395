"""The command line: one module a command in `ops.commands`; here is the only place that prints results and exits."""

from __future__ import annotations

import importlib
import itertools
import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.text import Text

from ops import system
from ops.errors import Exit, OpsError, StackNotReady
from ops.outcome import Outcome
from ops.progress import Progress
from ops.progress.visible import visible

COMMANDS = {
    "verify": "verify",
    "test": "test",
    "up": "lifecycle",
    "down": "lifecycle",
    "status": "lifecycle",
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
        """The one of that name, None for a stranger."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"ops.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, "exec_" if cmd_name == "exec" else cmd_name)
        if FILE_OPTION not in command.params:
            command.params.append(FILE_OPTION)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Broken into lines, where click cuts off."""
        rows = [(name, self._first_sentence(ctx, name)) for name in COMMANDS]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _first_sentence(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=1000) if command else ""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Bring a gateway-fronted stack up, prove its promises while parts are broken, and leave evidence.

    Exit codes: 0 all held, 1 a scenario or test failed, 2 wrong usage, 3 configuration invalid, 4 stack not ready,
    5 a fault was not confirmed, 6 clean-up failed, 130 interrupted.
    """


def main(arguments: Sequence[str]) -> int:
    """Run one command, print its result, return its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits it ignored
    try:
        _choose_file(arguments)
        outcome = cli.main(list(arguments), prog_name="python3 -m ops", standalone_mode=False)
    except click.ClickException as mistake:
        mistake.show()
        return Exit.USAGE
    except OpsError as failure:
        _explain(failure)
        return failure.exit
    except (KeyboardInterrupt, click.Abort):
        Progress().complain("interrupted")
        return Exit.INTERRUPTED
    return _print(outcome)


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
    console = Console(highlight=False, soft_wrap=True)
    if isinstance(outcome.text, Text):
        console.print(_for_people(outcome.text, plain=console.no_color), markup=False)
    elif outcome.text:
        click.echo(visible(outcome.text) if console.is_terminal else outcome.text)
    return outcome.exit


def _for_people(text: Text, *, plain: bool) -> Text | str:
    """Without what a terminal would obey, and then without its colours, too."""
    seen = visible(text.plain)
    return seen if plain or seen != text.plain else text


def _explain(failure: OpsError) -> None:
    progress = Progress()
    progress.complain(str(failure))
    if isinstance(failure, StackNotReady):
        progress.quote(failure.log)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
