"""Waiting for what has to be so before the next step of putting links through the fault proxy, or no longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil

from ops.errors import StackNotReady
from ops.gateway.nginx import Nginx
from ops.stacks.readiness import tail

WITHIN = 15.0


def await_ready(name: str, holds: Callable[[], bool], log: Path | None = None) -> None:
    """Raises StackNotReady, with the end of the log where there is one."""
    deadline = time.monotonic() + WITHIN
    while not holds():
        if time.monotonic() > deadline:
            raise StackNotReady(
                f"{name} is not ready {WITHIN:.0f} s after the links were changed", tail(log) if log else []
            )
        time.sleep(0.02)


def reload(nginx: Nginx, prefix: Path, master: int | None) -> None:
    """Return when no request goes the old way any more: its workers have ended."""
    old = _workers(master)
    nginx.reload(prefix)
    psutil.wait_procs(old, timeout=WITHIN)


def _workers(master: int | None) -> list[psutil.Process]:
    try:
        return psutil.Process(master).children() if master else []
    except psutil.NoSuchProcess:
        return []
