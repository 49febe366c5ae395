"""`completion`: what a shell needs to complete a call by Tab."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ops.errors import StackNotReady
from ops.outcome import Outcome

NAME = "ops"
CALL = "python3 -m ops"
COMPLETE = "_OPS_COMPLETE"
"""The environment variable by which a shell asks how a call may go on."""

ASKED = {
    "bash": {"bash_complete $1": f"bash_complete {CALL}"},
    "zsh": {f"zsh_complete {NAME}": f"zsh_complete {CALL}", f"$+commands[{NAME}]": "1"},
    "fish": {f"(commandline -t) {NAME})": f"(commandline -t) {CALL})"},
}
"""What each shell's script of click has for a program in the PATH, and what stands there for our call."""

SHELLS = tuple(ASKED)


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
        script = kind(context.command, {}, NAME, COMPLETE).source()
    except RuntimeError as refused:  # bash is missing, or too old
        raise StackNotReady(str(refused)) from None
    for its, ours in ASKED[shell].items():
        script = script.replace(its, ours)
    return Outcome(f"{_short_name(shell)}\n{script}")


def _short_name(shell: str) -> str:
    return f"alias {NAME}='{CALL}'" if shell == "fish" else f'{NAME}() {{ {CALL} "$@"; }}'
