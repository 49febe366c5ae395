"""What a service says of itself: commands that print JSON and need no settings."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ops.checks.results import CheckFailed
from ops.system.programs import environment

LONGEST = 8_000
"""Characters kept of what a service says before it ends."""


def said(root: Path, service: str, command: Sequence[str]) -> dict[str, Any]:
    """The object that the command prints when it is run in `root`. Raises CheckFailed."""
    argv = [part.replace("{service}", service) for part in command]
    what = f"{service} {argv[-1]}"
    done = subprocess.run(  # noqa: S603  # the system's own command
        argv, cwd=root, env=environment(root), capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise CheckFailed(f"{what} ended with {done.returncode}: {_end(done.stderr.strip())}")
    return _object(done.stdout, what)


def _end(said: str) -> str:
    return said if len(said) <= LONGEST else "…\n" + said[-LONGEST:].partition("\n")[2]


def _object(text: str, who: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise CheckFailed(f"{who} printed no JSON: {error}") from error
    if not isinstance(document, dict):
        raise CheckFailed(f"{who} printed no JSON object")
    return document
