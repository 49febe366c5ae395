"""The versions of everything that a run stands on."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path

from ops.stacks.layout import ROOT

LIBRARIES = (
    *("bottle", "waitress", "peewee", "PyJWT", "cryptography", "argon2-cffi", "urllib3", "pydantic", "structlog"),
    *("prometheus-client", "offapi", "behave", "requests", "docker", "h11"),
)


def versions() -> dict[str, str]:
    """Name to version: Python, the system, the libraries, and the commit; a stack tells of what else it runs on."""
    libraries = {name.lower(): metadata.version(name) for name in LIBRARIES}
    system = f"{platform.system()} {platform.release()}"
    return {"python": platform.python_version(), "system": system, **libraries, "commit": _commit()}


def commit(but: Path) -> str:
    """The commit of this checkout, " and changes" where another file than `but` was changed since."""
    excluded = [f":(exclude){but.resolve()}"] if but.resolve().is_relative_to(ROOT) else []
    changed = _git("status", "--porcelain", "--", ".", *excluded)
    return (_git("rev-parse", "--short", "HEAD") or "unknown") + (" and changes" if changed else "")


def _commit() -> str:
    return _git("describe", "--always", "--dirty") or "unknown"


def _git(*arguments: str) -> str:
    try:
        said = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)  # noqa: S603, S607
    except OSError:
        return ""
    return said.stdout.strip()
