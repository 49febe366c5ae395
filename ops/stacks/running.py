"""Runs a command for somebody who waits for it: what it says goes straight to our own output, or is kept."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.errors import StackNotReady


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], given: bytes | None
) -> subprocess.CompletedProcess[bytes]:
    """With `given` on standard input, and what it says kept; with None, standard input and output are ours.

    Raises StackNotReady when there is no such program.
    """
    kept = {} if given is None else {"input": given, "capture_output": True, "start_new_session": True}
    try:
        return subprocess.run(list(command), cwd=folder, env=dict(environment), **kept)  # type: ignore[call-overload,no-any-return]  # noqa: S603
    except OSError as refused:
        raise StackNotReady(f"{command[0]} cannot be started: {refused.strerror}") from None
