"""Options that several commands share."""

from __future__ import annotations

import math
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click
from click.core import ParameterSource

from ops import system
from ops.errors import WrongUsage
from ops.stacks import kinds, local, registry


class Whole(click.IntRange):
    """An integer, called a whole number in help texts."""

    name = "whole number"


class Number(click.FloatRange):
    """A finite float, called a number in help texts."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a valid {self.name}.", param, ctx)
        return found


UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
LONGEST = 366 * 24 * 60
"""Minutes."""


def duration(value: str) -> float:
    """`30s`, `500ms`, `2m`: seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", value)
    if not found:
        raise click.BadParameter(f"{value!r} is no duration; one looks like 30s, 500ms or 2m")
    if (seconds := float(found[1]) * UNITS[found[2]]) > 60 * LONGEST:
        raise click.BadParameter(f"{value!r} is longer than a year, {LONGEST}m")
    return seconds


def setting(value: str) -> tuple[str, str]:
    """`NAME=VALUE`, both."""
    name, mark, text = value.partition("=")
    if not (mark and name):
        raise click.BadParameter(f"{value!r} is not NAME=VALUE")
    return name, text


MOST_REPLICAS = 16


def replicas(value: str) -> tuple[str, int]:
    """`cart=3`: the name of a service and how many of it."""
    service, _, count = value.rpartition("=")
    if not (service and count.isdecimal() and 1 <= int(count) <= MOST_REPLICAS):
        raise click.BadParameter(f"{value!r} is not SERVICE=NUMBER with a number from 1 to {MOST_REPLICAS}")
    return service, int(count)


def _scaled(ctx: click.Context, param: click.Parameter, given: tuple[tuple[str, int], ...]) -> Mapping[str, int] | None:
    """By service; None where nothing is said."""
    scale = dict(given)
    if len(scale) < len(given):
        raise click.BadParameter("a service is named twice", ctx, param)
    return scale or None


name = click.option("--name", default=registry.DEFAULT, show_default=True, help="The stack's name in this checkout.")
stack = click.option(
    "--stack", type=click.Choice(kinds.KINDS), default=local.KIND, show_default=True, help="What the stack is made of."
)
database = click.option(
    "--database",
    metavar="NAME|URL",
    envvar=system.DATABASE,
    help="What the services keep their data in, by the name that the Compose file has for it, or the URL of a server "
    f"that exists; also {system.DATABASE} in the environment.  [default: the first]",
)
scale = click.option(
    "--scale",
    type=replicas,
    multiple=True,
    metavar="SERVICE=NUMBER",
    callback=_scaled,
    help="How many replicas a service has; may be given for several.  [default: 1]",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def origin(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where log lines are looked for."""
    run = click.option("--run", help="The run to read from: its name, the end of it, or `latest`.")
    stack = click.option("--name", help=f"The stack to read from.  [default: {registry.DEFAULT}]")
    return stack(run(command))


def require_one_stack(base_url: str | None) -> None:
    """Raises WrongUsage where a URL stands beside an option about a stack of ours."""
    source = click.get_current_context().get_parameter_source
    own = [
        f"--{option}"
        for option in ("stack", "name", "database", "scale")
        if source(option) is ParameterSource.COMMANDLINE
    ]
    if base_url and own:
        raise WrongUsage(
            f"--base-url names a stack that runs elsewhere, {own[0]} one that `ops` starts: give one of the two"
        )


def width() -> int | None:
    """Columns of the terminal that standard output is; None where it is none, and lines need not be broken."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def called() -> str:
    """The command as it was called, for a shell."""
    return shlex.join(["python3", "-m", "ops", *sys.argv[1:]])
