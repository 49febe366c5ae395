"""A stack on loan: it is there for one command, and gone afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ops.errors import WrongUsage
from ops.interruption import undisturbed
from ops.stacks.model import OwnStack


@contextlib.contextmanager
def of(stack: OwnStack) -> Iterator[None]:
    """A place for a fresh stack, which is gone afterwards. Raises WrongUsage for one that is in use."""
    with stack.layout.held():
        if stack.state and not stack.state.ephemeral:
            raise WrongUsage(f"the stack {stack.name!r} is in use since `up`; take it down first, or choose a --name")
        stack.clear()
        try:
            yield
        finally:
            with undisturbed():
                stack.down()
