"""The environment in which a system's own commands run, outside its containers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def environment(root: Path) -> Mapping[str, str]:
    """The part of our own that they inherit; `python` is the one that runs this, and finds modules in `root`."""
    inherited = {key: value for key, value in os.environ.items() if key in PASSED_ON}
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)])
    return {**inherited, "PATH": path, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
