"""`exec`: a command where a service of a running stack runs, as `docker compose exec`."""

from __future__ import annotations

import click

from ops.commands import options
from ops.errors import WrongUsage
from ops.stacks import registry
from ops.stacks.parts import Part
from ops.system import current

EXAMPLE = "python3 -m ops exec SERVICE -- env"


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@options.name
@click.argument("service")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(name: str, service: str, command: tuple[str, ...]) -> int:
    """Run COMMAND with the settings of a service (cart, or cart.2): in its container, or as a process of a local stack.

    A container that does not go on running is replaced for the command by a new one.

    Its input and output are those of this call, and so is its exit code.
    """
    stack = registry.running(name)
    current().part(Part.of(service).service)
    own = command[1:] if command[0] == "--" else command
    if not own:
        raise WrongUsage(f"what is to be run? {EXAMPLE}")
    return stack.exec(service, own).returncode
