"""What a service takes of the machine that it runs on: of a process, or of the first one of a container."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import psutil

PROC: Final = ("/proc/1/status", "/proc/1/net/tcp", "/proc/1/net/tcp6")
"""Files of Linux in which a container's first process stands, with all connections that are its own."""

_NOT_HELD: Final = ("TIME_WAIT", "LISTEN")
_NOT_HELD_IN_PROC: Final = ("06", "0A")
_FIELD: Final = re.compile(r"^(\w+):\s+(\d+)", re.MULTILINE)
_SOCKET: Final = re.compile(r"^ *\d+: \S+ \S+ ([0-9A-F]{2}) \S+ \S+ \S+ +\d+ +\d+ (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Usage:
    """`memory` is resident, in bytes; `connections` are those over TCP, to it and from it, that it has not let go."""

    memory: int
    threads: int
    connections: int


def of_process(pid: int) -> Usage:
    """Raises psutil.Error for a process that has ended."""
    process = psutil.Process(pid)
    with process.oneshot():
        held = [one for one in process.net_connections("tcp") if one.status not in _NOT_HELD]
        return Usage(process.memory_info().rss, process.num_threads(), len(held))


def of_proc(text: str) -> Usage:
    """From the text of the files `PROC`, one after the other. Raises ValueError for any other text."""
    fields = dict(_FIELD.findall(text))
    held = [inode for state, inode in _SOCKET.findall(text) if state not in _NOT_HELD_IN_PROC and inode != "0"]
    try:
        return Usage(int(fields["VmRSS"]) * 1024, int(fields["Threads"]), len(held))
    except KeyError as missing:
        raise ValueError(f"no {missing} in {text[:200]!r}") from missing
