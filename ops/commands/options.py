"""Options that several commands share, and the way from them to a stack."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click

from ops.errors import StackNotReady
from ops.stacks.layout import Layout
from ops.stacks.local import LocalStack

DEFAULT_NAME = "default"
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")

name = click.option("--name", default=DEFAULT_NAME, show_default=True, help="The stack's name in this checkout.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def environment() -> Mapping[str, str]:
    """What of our own environment the processes of a stack get to see."""
    return {key: value for key, value in os.environ.items() if key in PASSED_ON}


def in_ci() -> bool:
    """True where nobody will come back to look at a broken stack."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def local_stack(stack_name: str) -> LocalStack:
    """The local stack of that name, which need not be up."""
    return LocalStack(Layout(stack_name), environment())


def running_stack(stack_name: str) -> LocalStack:
    """The stack of that name. Raises StackNotReady when it is not up."""
    stack = local_stack(stack_name)
    if stack.state is None:
        raise StackNotReady(f"there is no stack {stack_name!r}; start it with: python3 -m ops up --name {stack_name}")
    return stack
