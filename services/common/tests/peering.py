"""Peers to ask, and how the server behind them may behave."""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

from services.common.peers.calls import Peer, Reply
from services.common.runtime.timeouts import Timeouts
from services.common.tests.sockets import Behaviour, Connection, Server, answer, sends, serving

TOKEN = "some.secret.token"  # noqa: S105 - of nobody
QUICK = Timeouts(connect=0.2, attempt=0.3, call=2.0)
GOOD = answer(200, b'{"name": "cup"}')


class Pauses(list[float]):
    """Waits for nothing, and remembers for how long."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def whole(reply: Reply) -> Reply:
    return reply


def peer_at(url: str, timeouts: Timeouts = QUICK, **options: object) -> Peer:
    return Peer("stock", url, timeouts=timeouts, pause=Pauses(), **options)  # type: ignore[arg-type]


@contextmanager
def asked(*script: Behaviour) -> Iterator[tuple[Peer, Server]]:
    with serving(*script) as server:
        peer = peer_at(server.url)
        yield peer, server
        peer.close()


def silent(connection: Connection) -> None:
    connection.settimeout(5)
    connection.recv(1)


def dripping(prefix: bytes, byte: bytes = b" ") -> Behaviour:
    def behave(connection: Connection) -> None:
        connection.sendall(prefix)
        for _ in range(50):
            time.sleep(0.1)
            connection.sendall(byte)

    return behave


def closing(*parts: bytes) -> Behaviour:
    def behave(connection: Connection) -> None:
        sends(*parts)(connection)
        connection.shutdown(socket.SHUT_RDWR)

    return behave


def resetting(connection: Connection) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
