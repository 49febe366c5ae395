"""Makes `.venv`, installs the pinned requirements and runs the harness in it. Standard library only.

An environment counts as made when its stamp holds the fingerprint of the requirement files, so a half-made one, or one
of an older checkout, is completed. Two first calls at the same time wait for each other.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ops import debian

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUN_FILES = (ROOT / "requirements.txt",)
TEST_FILES = (ROOT / "ops" / "requirements-test.txt",)
NOT_READY = 4
INTERRUPTED = 130


def enter(arguments: Sequence[str]) -> None:
    """Return when already running in a complete `.venv`; else make it and replace this process by one that does."""
    try:
        if Path(sys.prefix).resolve() == VENV.resolve() and _made("run", RUN_FILES):
            return
        with _only_one():
            _make()
    except OSError as refused:
        _or_give_up(False, f"{VENV} cannot be made or used: {refused}")
    os.execv(PYTHON, [str(PYTHON), "-m", "ops", *arguments])  # noqa: S606  # our own interpreter, no shell wanted


def install_test_requirements() -> None:
    """What only `ops test` needs, once. Exits with 4 and pip's own words when it cannot be had."""
    with _only_one():
        _install("test", TEST_FILES)


def _make() -> None:
    if not (PYTHON.exists() and _stamp("venv").exists()):
        _create_venv()
    _install("run", RUN_FILES)


def _create_venv() -> None:
    _say("making .venv (only now; about half a minute)")
    if not _has_venv():
        version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        _or_give_up(debian.install(version), f"Python's venv module is missing: install {version}")
    _run([sys.executable, "-m", "venv", str(VENV)])
    _stamp("venv").touch()


def _install(stamp: str, files: Sequence[Path]) -> None:
    if _made(stamp, files):
        return
    _say(f"installing {files[0].relative_to(ROOT)}")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    _run([*pip, "--require-hashes", "-r", str(files[0])])
    _stamp(stamp).write_text(_fingerprint(files))


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603  # fixed commands of our own
    _or_give_up(done.returncode == 0, f"{' '.join(command[:4])} … failed:\n{(done.stderr or done.stdout).strip()}")


def _made(stamp: str, files: Sequence[Path]) -> bool:
    return _stamp(stamp).is_file() and _stamp(stamp).read_text() == _fingerprint(files)


def _stamp(name: str) -> Path:
    return VENV / f"gateproof-{name}.sha256"


def _fingerprint(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _has_venv() -> bool:
    probe = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(probe, capture_output=True).returncode == 0  # noqa: S603  # our own interpreter


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    with (ROOT / "requirements.txt").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _or_give_up(good: bool, words: str) -> None:
    if not good:
        _say(words)
        sys.exit(NOT_READY)


def _say(words: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} gateproof: {words}\n")
    sys.stderr.flush()
