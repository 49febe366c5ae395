"""Other implementations of the services: their Python environment, apart from ours, and how a stack of one comes up."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from ops import bootstrap
from ops.bench.source import Peer
from ops.errors import StackNotReady
from ops.progress import Progress
from ops.stacks.model import UpOptions

FOLDER = ".venvs"
"""Below `.ops`; a name that no stack can have."""
MADE = "made"


def python(requirements: Path, home: Path, progress: Progress) -> Path:
    """The interpreter of an environment with exactly these requirements, each held by its digests.

    It is made once for each content of the file and each Python. Raises StackNotReady, with what pip said, when it
    cannot be made.
    """
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = home / FOLDER / digest
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / MADE).exists():
            progress.say(f"installing {requirements.name} of the peers (only now; about a minute)")
            _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
            pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
            _run([*pip, "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", str(requirements)])
            if lost := bootstrap.missing([requirements], folder):
                raise StackNotReady(
                    f"pip did not install {', '.join(sorted(lost))} into {folder}: see `pip config list`"
                )
            (folder / MADE).touch()
    return folder / "bin" / "python"


def up_options(peer: Peer, interpreter: Path) -> UpOptions:
    """A stack on free ports whose services are the peer's; it ends with the command."""
    return UpOptions(0, ephemeral=True, program=(str(interpreter), "-P", "-m", peer.module))


def _run(command: list[str]) -> None:
    own = bootstrap.pip_environment()
    done = subprocess.run(command, env=own, capture_output=True, text=True, start_new_session=True)  # noqa: S603  # ours
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise StackNotReady(f"{' '.join(command[1:4])} failed with exit code {done.returncode}", said[-20:])
