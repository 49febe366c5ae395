"""The command line: one module a command in `ops.commands`; here is the only place that prints results and exits."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from types import FrameType

import click
from rich.console import Console
from rich.text import Text

from ops.commands import (
    check,
    data,
    endure,
    fault,
    images,
    lifecycle,
    logs,
    openapi,
    report,
    smoke,
    test,
    trace,
    verify,
)
from ops.errors import Exit, OpsError, StackNotReady
from ops.outcome import Outcome
from ops.progress import Progress


class Commands(click.Group):
    """Lists the commands in the order in which they are added, each with its whole first sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Broken into lines, where click cuts off."""
        rows = [(name, command.get_short_help_str(limit=1000)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Bring a gateway-fronted stack up, prove its promises while parts are broken, and leave evidence.

    Exit codes: 0 all held, 1 a scenario or test failed, 2 wrong usage, 3 configuration invalid, 4 stack not ready,
    5 a fault was not confirmed, 6 clean-up failed, 130 interrupted.
    """


for command in (
    verify.verify,
    test.test,
    lifecycle.up,
    lifecycle.down,
    lifecycle.status,
    check.check,
    smoke.smoke,
    openapi.openapi,
    endure.endure,
    images.images,
    logs.logs,
    fault.fault,
    trace.trace,
    report.report,
    data.seed,
    data.grant,
    data.suspend,
    data.restore,
):
    cli.add_command(command)


def main(arguments: Sequence[str]) -> int:
    """Run one command, print its result, return its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits it ignored
    try:
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


def _print(outcome: Outcome | int | None) -> int:
    if not isinstance(outcome, Outcome):
        return outcome or Exit.HELD
    console = Console(highlight=False, soft_wrap=True)
    if isinstance(outcome.text, Text):
        console.print(outcome.text.plain if console.no_color else outcome.text, markup=False)
    elif outcome.text:
        click.echo(outcome.text)
    return outcome.exit


def _explain(failure: OpsError) -> None:
    progress = Progress()
    progress.complain(str(failure))
    if isinstance(failure, StackNotReady):
        progress.quote(failure.log)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
