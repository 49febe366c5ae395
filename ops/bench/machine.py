"""What a bench ran on: figures say nothing without it."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")


def load_average() -> str:
    """How many processes wanted a core in the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def machine(database: str | None, versions: Mapping[str, str], wrk: str) -> dict[str, str]:
    """Name to value: processor, cores, kernel, Python, nginx, wrk, kind of database, commit."""
    return {
        "cpu": _cpu(),
        "cores": str(os.cpu_count() or 0),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "nginx": versions.get("nginx", "unknown"),
        "wrk": wrk,
        "database": database or "unknown",
        "commit": versions.get("commit", "unknown"),
    }


def _cpu() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", CPU_INFO.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()
