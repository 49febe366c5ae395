"""Asks a starting stack every 100 ms whether it is ready, and names the culprit at once when it cannot become so."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from ops.errors import StackNotReady
from ops.eventually import eventually
from ops.progress import Progress, Rows
from ops.stacks import probes

INTERVAL = 0.1
WITHIN = 30.0
LAST_LINES = 12
"""How many of the last lines of a log are shown."""

NAMES = 10
"""Columns for the name of a service."""

UNREACHABLE = "no connection in 2 s"


@dataclass
class Check:
    """One address that must give one of the `expected` statuses; `alive` says whether its process can still do so."""

    name: str
    url: str
    expected: frozenset[int]
    alive: Callable[[], bool]
    log: Path
    since: float = field(default_factory=time.monotonic)
    last: str = "just started"
    ready_ms: int | None = None

    @property
    def waiting(self) -> str:
        """What it waits for, and what it was answered last."""
        return f"{self.name:<{NAMES}} waiting for {urlsplit(self.url).path or 'connections'}: {self.last}"

    def ask(self) -> None:
        """Ask once; note the time when it holds."""
        if self.url.startswith("tcp:"):
            self.ready_ms = self._passed() if probes.takes_connections(self.url) else None
            return
        try:
            status = probes.asked(self.url, 2)
        except (OSError, HTTPException) as failure:
            self.last = _unanswered(failure)
            return
        self.last = f"answered {status}"
        if status in self.expected:
            self.ready_ms = self._passed()

    def _passed(self) -> int:
        return round((time.monotonic() - self.since) * 1000)


def wait(checks: Sequence[Check], progress: Progress, within: float = WITHIN) -> None:
    """Return when every check has held once; raise StackNotReady with the culprit's last log lines otherwise."""
    with progress.rows() as rows:

        def are_ready() -> bool:
            pending = [check for check in checks if check.ready_ms is None]
            for check in pending:
                rows.show(check.name, check.waiting)
                _advance(check, progress, rows)
            return all(check.ready_ms is not None for check in pending)

        if not eventually(are_ready, within, INTERVAL):
            late = next(check for check in checks if check.ready_ms is None)
            raise _culprit(late, f"is not ready after {within:.0f} s: {late.last}")


def _advance(check: Check, progress: Progress, rows: Rows) -> None:
    check.ask()
    if not check.alive():
        raise _culprit(check, "ended before it was ready")
    if check.ready_ms is not None:
        rows.drop(check.name)
        progress.say(f"{check.name:<{NAMES}} ready after {check.ready_ms} ms", "dim")


def _unanswered(failure: Exception) -> str:
    match failure:
        case URLError(reason=TimeoutError()):
            return UNREACHABLE
        case URLError() | ConnectionError():
            return "no connection yet"
        case TimeoutError():
            return "no answer in 2 s"
    return type(failure).__name__


def _culprit(check: Check, what: str) -> StackNotReady:
    return StackNotReady(f"{check.name} {what} ({check.url}; its log: {check.log})", tail(check.log), check.name)


def tail(log: Path, lines: int = LAST_LINES) -> list[str]:
    """The last lines of a log file; none where there is no such file."""
    try:
        return log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    except OSError:
        return []
