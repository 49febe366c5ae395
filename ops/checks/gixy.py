"""gixy-ng, as a process of its own: it has no public Python interface."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ops.checks.results import CheckFailed


def check(conf: Path, skips: Sequence[str] = ()) -> str:
    """Raises CheckFailed with every finding. gixy says nothing of a file that it cannot parse: look at that first."""
    command = [sys.executable, "-m", "gixy", "--format", "json", "--skips", ",".join(skips), str(conf)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own argv
    if not done.stdout.strip().startswith("["):
        raise CheckFailed(f"gixy said nothing of use: {done.stderr.strip()[-500:]}")
    findings = json.loads(done.stdout)
    if findings:
        raise CheckFailed(
            "; ".join(f"{one['file']}:{one['line']}: {one['plugin']}: {one['reason']}" for one in findings)
        )
    return "no finding"
