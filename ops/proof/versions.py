"""The versions of everything that a run stands on."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata

from ops.errors import OpsError
from ops.gateway.nginx import Nginx
from ops.stacks.layout import ROOT

LIBRARIES = ("bottle", "waitress", "peewee", "PyJWT", "urllib3", "pydantic", "structlog", "behave", "requests")


def versions() -> dict[str, str]:
    """Name to version: Python, the system, nginx where there is one, the libraries, and the commit."""
    libraries = {name.lower(): metadata.version(name) for name in LIBRARIES}
    system = f"{platform.system()} {platform.release()}"
    return {"python": platform.python_version(), "system": system, "nginx": _nginx(), **libraries, "commit": _commit()}


def _nginx() -> str:
    try:
        return Nginx.find().version
    except OpsError:
        return "missing"


def _commit() -> str:
    try:
        said = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    except OSError:
        return "unknown"
    return said.stdout.strip() or "unknown"
