"""A stack on loan: it is there for one command, and gone afterwards unless it is to be kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ops.errors import WrongUsage
from ops.interruption import undisturbed
from ops.progress import Progress
from ops.stacks.model import Stack, StackStatus, UpOptions


@contextlib.contextmanager
def of(stack: Stack) -> Iterator[None]:
    """Hold it; what there is of it afterwards is removed, unless it is to `keep`.

    Raises WrongUsage for one that is in use, CleanupFailed.
    """
    with stack.held():
        if stack.state and not stack.state.ephemeral:
            raise WrongUsage(
                f"the stack {stack.name!r} is in use since `up`; take it down first, or choose another --name"
            )
        try:
            yield
        finally:
            with undisturbed():
                if not (stack.state and stack.state.kept):
                    stack.down()


def up(stack: Stack, up_options: UpOptions, progress: Progress) -> StackStatus:
    """A fresh one: what an earlier call of that name left is removed first. Raises OpsError."""
    stack.clear()
    return stack.up(up_options, progress)
