"""`completion`: what a shell needs to complete a call by Tab."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ops.errors import StackNotReady
from ops.outcome import Outcome

SHELLS = ("bash", "zsh", "fish")
NAME = "ops"
CALL = "python3 -m ops"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> Outcome:
    """Print the lines for a shell's start-up file that make `ops` a short name for `python3 -m ops`, with completion.

    For bash: python3 -m ops completion bash >> ~/.bashrc. It works in the folder of a checkout.
    """
    context = click.get_current_context().find_root()
    kind = get_completion_class(shell)
    if kind is None:
        raise StackNotReady(f"click completes no {shell}")
    try:
        script = kind(context.command, {}, NAME, "_OPS_COMPLETE").source()
    except RuntimeError as refused:  # bash is missing, or too old
        raise StackNotReady(str(refused)) from None
    asked = script.replace("bash_complete $1", f"bash_complete {CALL}").replace(
        f"_complete {NAME}", f"_complete {CALL}"
    )
    return Outcome(f"{_short_name(shell)}\n{asked.replace(f'$+commands[{NAME}]', '1')}")


def _short_name(shell: str) -> str:
    return f"alias {NAME}='{CALL}'" if shell == "fish" else f'{NAME}() {{ {CALL} "$@"; }}'
