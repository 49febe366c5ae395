"""A shell that runs one block after the other, each ended in time, and keeps the variables from block to block."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ops.errors import StackNotReady

NEEDED = ("bash", "curl")
BEGIN = "trap 'env -0 >\"$0\"' EXIT; set -a\n"
"""Everything that a block sets or defines is written down when it ends."""


def require_programs(environment: Mapping[str, str]) -> None:
    """Raises StackNotReady for a program that is missing on its PATH."""
    for program in NEEDED:
        if shutil.which(program, path=environment.get("PATH")) is None:
            raise StackNotReady(f"{program} is missing: install the package {program}")


@dataclass(frozen=True)
class Said:
    """What a block printed; `ended` is False where it had to be ended."""

    output: str
    errors: str
    seconds: float
    ended: bool


class Shell:
    """Blocks run in `directory` and see `variables` alone; `scratch` is a folder of its own.

    Raises StackNotReady for a program that is missing.
    """

    def __init__(self, directory: Path, scratch: Path, variables: Mapping[str, str], within: float) -> None:
        self.variables = {**variables, "TMPDIR": str(scratch)}
        self._directory = directory
        self._scratch = scratch
        self._within = within
        require_programs(variables)

    def run(self, block: str) -> Said:
        """Run a block to its end, or end it with all that it started after `within` seconds."""
        began = time.monotonic()
        output, errors, kept = (self._scratch / name for name in ("output", "errors", "variables"))
        kept.unlink(missing_ok=True)
        with output.open("wb") as out, errors.open("wb") as err, self._started(block, kept, out, err) as process:
            ended = _ends(process, self._within)
        if ended and kept.exists():
            self.variables = _variables(kept.read_text(errors="replace"))
        return Said(_text(output), _text(errors), time.monotonic() - began, ended)

    @contextlib.contextmanager
    def _started(
        self, block: str, kept: Path, output: IO[bytes], errors: IO[bytes]
    ) -> Iterator[subprocess.Popen[bytes]]:
        """In a session of its own, of which nothing is left."""
        process = subprocess.Popen(  # noqa: S603  # the page's own commands
            ["bash", "-c", BEGIN + block, str(kept)],  # noqa: S607  # found on the path that it gets
            cwd=self._directory,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _variables(written: str) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in written.split("\0") if entry)
    return {name: value for name, _, value in pairs}


def _text(file: Path) -> str:
    return file.read_text(errors="replace")


def _ends(process: subprocess.Popen[bytes], within: float) -> bool:
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True
