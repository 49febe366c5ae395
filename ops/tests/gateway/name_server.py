"""A DNS server that knows what it is told, and says that its answers hold for ten minutes, as Docker's does."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

TTL = 600
_A, _IN = 1, 1
_RESPONSE, _UNKNOWN = 0x8180, 0x8183


class NameServer:
    """`addresses` may change at any time; a name that is not in it does not exist."""

    def __init__(self) -> None:
        self.addresses: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])

    def serve(self) -> None:
        while True:
            question, client = self._socket.recvfrom(512)
            if not question:
                return
            self._socket.sendto(self._answer(question), client)

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))

    def close(self) -> None:
        self._socket.close()

    def _answer(self, question: bytes) -> bytes:
        """One A record that points back at the question's name (RFC 1035, 4.1.4), or NXDOMAIN."""
        identity, asked = question[:2], question[12:]
        address = self.addresses.get(_name(asked))
        flags, count = (_RESPONSE, 1) if address else (_UNKNOWN, 0)
        header = identity + struct.pack("!HHHHH", flags, 1, count, 0, 0)
        record = struct.pack("!HHHLH", 0xC00C, _A, _IN, TTL, 4) + socket.inet_aton(address) if address else b""
        return header + asked + record


def _name(asked: bytes) -> str:
    labels, at = [], 0
    while length := asked[at]:
        labels.append(asked[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels)


@contextmanager
def name_server() -> Iterator[NameServer]:
    server = NameServer()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        server.close()
