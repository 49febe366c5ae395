"""`restart`: services as they are in the tree now, while they are asked."""

from __future__ import annotations

import click

from ops.commands import options
from ops.commands.lifecycle import show
from ops.errors import WrongUsage
from ops.faults import restore
from ops.outcome import Outcome
from ops.progress import Progress
from ops.stacks import registry, rolling
from ops.stacks.model import Stack
from ops.system import current


@click.command()
@click.argument("services", nargs=-1, required=True, metavar="SERVICE...")
@options.name
@options.as_json
def restart(services: tuple[str, ...], name: str, as_json: bool) -> Outcome:
    """Replace the services of a running stack by what the tree has now, one replica after the other.

    Each is ready before the next one's turn. One that does not get ready is rolled back: the version before runs on.
    """
    stack = registry.running(name)
    for service in services:
        rolling.require_service(current(), service)
    with stack.held():
        rolling.require_over(stack)
        _require_whole(stack)
        progress = Progress()
        for service in dict.fromkeys(services):
            rolling.restart(stack, service, progress)
        return Outcome(show(stack.status(), as_json))


def _require_whole(stack: Stack) -> None:
    """Raises WrongUsage while something of it is broken: whether a version gets ready is then not its own matter."""
    if broken := next(restore.in_force(stack), None):
        raise WrongUsage(f"broken: {broken}; restore it with: python3 -m ops fault clear --name {stack.name}")
