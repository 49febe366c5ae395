"""A real HTTP server on loopback whose every answer is given in bytes, and that remembers what it was asked."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Connection = socket.socket
Behaviour = Callable[[Connection], None]


def answer(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    """A whole HTTP answer."""
    head = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def sends(*parts: bytes) -> Behaviour:
    def behave(connection: Connection) -> None:
        for part in parts:
            connection.sendall(part)

    return behave


@dataclass
class Recorded:
    """One request: its line, its headers by lower-case name, and which connection brought it."""

    line: str
    headers: dict[str, str]
    connection: int


@dataclass
class Server:
    """Does `script` in turn, one behaviour for each request; True from a behaviour's `closes` ends the connection."""

    script: list[Behaviour]
    url: str = ""
    requests: list[Recorded] = field(default_factory=list)
    connections: int = 0
    _open: list[Connection] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._talk, args=[connection, self.connections], daemon=True).start()

    def _talk(self, connection: Connection, number: int) -> None:
        try:
            while request := _read(connection):
                line, *fields = request.decode("latin-1").split("\r\n")
                headers = dict(field.split(": ", 1) for field in fields if field)
                self.requests.append(Recorded(line, {k.lower(): v for k, v in headers.items()}, number))
                self.script.pop(0)(connection)
        except (OSError, IndexError):
            pass
        connection.close()

    def end(self) -> None:
        for connection in self._open:
            connection.close()


def _read(connection: Connection) -> bytes:
    """The head of one request, empty when the other side has closed."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    return head[:-4]


@contextmanager
def serving(*script: Behaviour) -> Iterator[Server]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(list(script), f"http://127.0.0.1:{listener.getsockname()[1]}")
    thread = threading.Thread(target=server.serve, args=[listener], daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        server.end()
