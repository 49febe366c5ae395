"""What a service says of itself: its subcommands print JSON and need no settings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ops.checks.results import CheckFailed

LONGEST = 8_000
"""Characters kept of what a service says before it ends."""


def said(root: Path, service: str, subcommand: str) -> dict[str, Any]:
    """The object that `python -m services.<service> <subcommand>` prints. Raises CheckFailed."""
    command = [sys.executable, "-m", f"services.{service}", subcommand]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    if done.returncode:
        raise CheckFailed(f"{service} {subcommand} ended with {done.returncode}: {_end(done.stderr.strip())}")
    return _object(done.stdout, f"{service} {subcommand}")


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
