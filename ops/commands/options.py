"""Options that several commands share."""

from __future__ import annotations

import click

from ops.stacks import kinds, local, named

name = click.option("--name", default=named.DEFAULT, show_default=True, help="The stack's name in this checkout.")
stack = click.option(
    "--stack", type=click.Choice(kinds.KINDS), default=local.KIND, show_default=True, help="What the stack is made of."
)
port = click.IntRange(0, 65535)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
