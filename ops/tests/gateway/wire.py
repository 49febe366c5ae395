"""HTTP by the byte: a client that can also send what no HTTP library would."""

import json
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

PATIENCE = 10.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of that header, one per line that came."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def json(self) -> Any:
        return json.loads(self.body)


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(source, 0))


def exchange(port: int, raw: bytes, source: str = "127.0.0.1") -> Answer:
    """Send these bytes, read one answer. Raises http.client's errors where no answer comes."""
    with connect(port, source) as connection:
        send(connection, raw)
        return receive(connection, head=raw.startswith(b"HEAD "))


def send(connection: socket.socket, raw: bytes) -> None:
    """A gateway that has read enough to refuse may close before it has read all."""
    try:
        connection.sendall(raw)
    except ConnectionError:
        return


def receive(connection: socket.socket, *, head: bool = False) -> Answer:
    """One answer from a connection that may stay open."""
    response = HTTPResponse(connection, method="HEAD" if head else None)
    response.begin()
    return Answer(response.status, tuple(response.getheaders()), response.read())


def request(method: str, path: str, *headers: str, body: bytes = b"", close: bool = True) -> bytes:
    """The bytes of a well-formed request, plus `headers` as they are written, repeated ones too."""
    lines = [f"{method} {path} HTTP/1.1", "Host: shop.test", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
