"""The versions of everything that a run stands on."""

from __future__ import annotations

import contextlib
import platform
import re
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ops.system import HARNESS, current

REQUIREMENTS = "requirements.txt"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", re.MULTILINE)
INCLUDED = re.compile(r"^-r (\S+)$", re.MULTILINE)
UNKNOWN = "unknown"


def versions() -> dict[str, str]:
    """Name to version: Python, the machine's system, the libraries of the harness and of the system that it works on,
    and the commit; a stack says what else it runs on.
    """
    machine = f"{platform.system()} {platform.release()}"
    names = {*_pinned(HARNESS / REQUIREMENTS), *_all_pinned(current().root / REQUIREMENTS)}
    return {"python": platform.python_version(), "system": machine, **_installed(names), "commit": _commit()}


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


def _pinned(file: Path) -> list[str]:
    return PINNED.findall(file.read_text(encoding="utf-8")) if file.is_file() else []


def _all_pinned(file: Path) -> Iterator[str]:
    """Also of the files that it includes."""
    yield from _pinned(file)
    for other in INCLUDED.findall(file.read_text(encoding="utf-8")) if file.is_file() else ():
        yield from _all_pinned(file.parent / other)


def _installed(names: set[str]) -> dict[str, str]:
    found = {}
    for name in sorted(names, key=str.lower):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name.lower()] = metadata.version(name)
    return found
