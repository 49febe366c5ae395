"""Free ports on loopback, outside the range from which the kernel takes the ports of outgoing connections."""

from __future__ import annotations

import random
import socket

from ops.errors import StackNotReady

LOWEST, HIGHEST = 20_000, 32_000
PREFERRED = 8080
"""The gateway's, where nothing else is asked for."""


def free(count: int) -> list[int]:
    """`count` different ports that nothing listens on now."""
    candidates = random.sample(range(LOWEST, HIGHEST), 50 * count)
    ports = [port for port in candidates if is_free(port)][:count]
    if len(ports) < count:
        raise StackNotReady(f"no {count} free ports between {LOWEST} and {HIGHEST}")
    return ports


def is_free(port: int) -> bool:
    """True when a server could listen on that port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(wanted: int | None, preferred: int, spare: int) -> int:
    """The port that was asked for, which must be free; for None the preferred one if free; for 0 the spare one."""
    if wanted:
        if not is_free(wanted):
            raise StackNotReady(f"port {wanted} is taken; free it, or let --port 0 choose one")
        return wanted
    return preferred if wanted is None and is_free(preferred) else spare
