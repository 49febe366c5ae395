"""A shell that runs one block after the other, each ended in time, and keeps the variables from block to block."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ops.errors import StackNotReady

NEEDED = ("bash", "curl")
BEGIN = "trap 'env -0 >\"$0\"' EXIT; set -aeu\n"
"""A block ends at what fails; all that it sets or defines until then is written down."""


def require_programs(environment: Mapping[str, str]) -> None:
    """Raises StackNotReady for a program that is missing on its PATH."""
    for program in NEEDED:
        if shutil.which(program, path=environment.get("PATH")) is None:
            raise StackNotReady(f"{program} is missing: install the package {program}")


class Shell:
    """Blocks run in `directory` and see `variables` alone, each for `within` seconds; `scratch` is a folder of its own.

    Raises StackNotReady for a program that is missing.
    """

    def __init__(self, directory: Path, scratch: Path, variables: Mapping[str, str], within: float) -> None:
        require_programs(variables)
        (scratch / ".curlrc").touch()  # found before that of who calls us
        self.variables: Mapping[str, str] = {**variables, "TMPDIR": str(scratch), "CURL_HOME": str(scratch)}
        self.within = within
        self._directory = directory
        self._kept = scratch / "variables"

    def run(self, block: str) -> tuple[str, int | None]:
        """What a block printed, and its exit code; None where it was killed, with all that it started."""
        self._kept.unlink(missing_ok=True)
        with tempfile.TemporaryFile(dir=self._kept.parent) as output:
            process = subprocess.Popen(  # noqa: S603  # the page's own commands
                ["bash", "-c", BEGIN + block, str(self._kept)],  # noqa: S607  # found on the path that it gets
                cwd=self._directory,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            code = _ended(process, self.within)
            output.seek(0)
            printed = output.read().decode(errors="replace").replace("\r\n", "\n")
        if self._kept.exists():
            pairs = (entry.partition("=") for entry in self._kept.read_text(errors="replace").split("\0") if entry)
            self.variables = {name: value for name, _, value in pairs}
        return printed, code


def _ended(process: subprocess.Popen[bytes], within: float) -> int | None:
    """The exit code, None where it does not end in time; nothing of its session is left."""
    try:
        return process.wait(within)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
