"""The versions of everything that a run stands on."""

from __future__ import annotations

import contextlib
import platform
import re
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from ops.system import HARNESS, current

REQUIREMENTS = ("requirements.in", "requirements.txt")
"""Where a tree names its libraries: the first of these that it has."""

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^\s;\\]+)", re.MULTILINE)
INCLUDED = re.compile(r"^-r (\S+)$", re.MULTILINE)
UNKNOWN = "unknown"


def versions() -> dict[str, str]:
    """Name to version: Python, the machine's system, the libraries that the system pins and those that the harness runs
    with, and the commit; a stack says what else it runs on.
    """
    machine = f"{platform.system()} {platform.release()}"
    libraries = {**_all_pinned(_requirements(current().root)), **_installed(_pinned(_requirements(HARNESS)))}
    return {"python": platform.python_version(), "system": machine, **libraries, "commit": _commit()}


def commit(but: Path) -> str:
    """The commit of the system's tree, " and changes" where another file than `but` was changed since."""
    if not _is_tracked():
        return UNKNOWN
    root = current().root
    excluded = [f":(exclude){but.resolve()}"] if but.resolve().is_relative_to(root) else []
    changed = _git("status", "--porcelain", "--", ".", *excluded)
    return _git("rev-parse", "--short", "HEAD") + (" and changes" if changed else "")


def _commit() -> str:
    return (_is_tracked() and _git("describe", "--always", "--dirty")) or UNKNOWN


def _is_tracked() -> bool:
    """Whether a repository has the Compose file: a tree may lie, unpacked, in a folder of another one."""
    return bool(_git("ls-files", "--", current().file.name))


def _git(*arguments: str) -> str:
    try:
        said = subprocess.run(  # noqa: S603  # fixed commands
            ["git", *arguments],  # noqa: S607
            cwd=current().root,
            capture_output=True,
            text=True,
        )
    except OSError:
        return ""
    return said.stdout.strip()


def _requirements(root: Path) -> Path:
    return next((root / name for name in REQUIREMENTS if (root / name).is_file()), root / REQUIREMENTS[-1])


def _pinned(file: Path) -> dict[str, str]:
    found = PINNED.findall(file.read_text(encoding="utf-8")) if file.is_file() else []
    return {name.lower(): version for name, version in found}


def _all_pinned(file: Path) -> dict[str, str]:
    """Also of the files that it includes."""
    others = INCLUDED.findall(file.read_text(encoding="utf-8")) if file.is_file() else []
    return {**_pinned(file), **{key: one for other in others for key, one in _all_pinned(file.parent / other).items()}}


def _installed(names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
