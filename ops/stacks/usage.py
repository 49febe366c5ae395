"""What a service takes of the machine that it runs on: of a process, or of the first one of a container."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import psutil

PROC: Final = ("/proc/1/status", "/proc/1/net/tcp", "/proc/1/net/tcp6")
"""Files of Linux in which a container's first process stands, with the connections of its network namespace.

Those of another user are not its own: a fault proxy may share the namespace.
"""

_LISTENING: Final = ("LISTEN", "0A")
_OVER: Final = ("TIME_WAIT", "06")
_FIELD: Final = re.compile(r"^(\w+):\s+(\d+)", re.MULTILINE)
_SOCKET: Final = re.compile(
    r"^ *\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ ([0-9A-F]{2}) \S+ \S+ \S+ +(\d+) +\d+ (\d+)", re.MULTILINE
)
_Socket: TypeAlias = tuple[int, str]
"""Its own port, and its state."""


@dataclass(frozen=True)
class Usage:
    """`memory` is resident, in bytes; `incoming` and `outgoing` count the TCP connections that it has not let go."""

    memory: int
    threads: int
    incoming: int
    outgoing: int


def of_process(pid: int) -> Usage:
    """Raises psutil.Error for a process that has ended."""
    process = psutil.Process(pid)
    with process.oneshot():
        sockets = [(one.laddr.port, one.status) for one in process.net_connections("tcp")]
        return _usage(process.memory_info().rss, process.num_threads(), sockets)


def of_proc(text: str) -> Usage:
    """From the text of the files `PROC`, one after the other. Raises ValueError for any other text."""
    fields = dict(_FIELD.findall(text))
    user = fields.get("Uid")
    sockets = [
        (int(port, 16), state) for port, state, uid, inode in _SOCKET.findall(text) if inode != "0" and uid == user
    ]
    try:
        return _usage(int(fields["VmRSS"]) * 1024, int(fields["Threads"]), sockets)
    except KeyError as missing:
        raise ValueError(f"no {missing} in {text[:200]!r}") from missing


def _usage(memory: int, threads: int, sockets: Sequence[_Socket]) -> Usage:
    listening = {port for port, state in sockets if state in _LISTENING}
    held = [port for port, state in sockets if state not in (*_LISTENING, *_OVER)]
    incoming = sum(port in listening for port in held)
    return Usage(memory, threads, incoming, len(held) - incoming)
