"""Stacks of this checkout by their names, and what of our own environment their processes get to see."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ops.errors import StackNotReady
from ops.stacks.layout import Layout
from ops.stacks.local import LocalStack

DEFAULT = "default"
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def environment() -> Mapping[str, str]:
    """The part of our own environment that a stack's processes inherit."""
    return {key: value for key, value in os.environ.items() if key in PASSED_ON}


def in_ci() -> bool:
    """True where nobody will come back to look at a broken stack."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def local(name: str) -> LocalStack:
    """The local stack of that name, which need not be up."""
    return LocalStack(Layout(name), environment())


def running(name: str) -> LocalStack:
    """The stack of that name. Raises StackNotReady when it is not up."""
    stack = local(name)
    if stack.state is None:
        raise StackNotReady(f"there is no stack {name!r}; start it with: python3 -m ops up --name {name}")
    return stack
