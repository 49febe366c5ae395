"""Options that several commands share."""

from __future__ import annotations

import click

from ops.stacks import named

name = click.option("--name", default=named.DEFAULT, show_default=True, help="The stack's name in this checkout.")
port = click.IntRange(0, 65535)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
