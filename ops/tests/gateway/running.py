"""The gateway under test: rendered, perhaps edited, run by a real nginx on a port of its own."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from ops.gateway.nginx import Nginx
from ops.gateway.rendering import render
from ops.tests.gateway import wire

# Seconds that a test would wait for, made short. Each stands in includes/ exactly once.
SHORTENED = {
    "client_header_timeout 5s": "client_header_timeout 300ms",
    "client_body_timeout 5s": "client_body_timeout 300ms",
    "proxy_read_timeout 5s": "proxy_read_timeout 400ms",
    "proxy_next_upstream_timeout 2s": "proxy_next_upstream_timeout 200ms",
}
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Gateway:
    prefix: Path
    port: int

    def ask(self, method: str, path: str, *headers: str, body: bytes = b"", source: str = "127.0.0.1") -> wire.Answer:
        return self.send(wire.request(method, path, *headers, body=body), source)

    def send(self, raw: bytes, source: str = "127.0.0.1") -> wire.Answer:
        return wire.exchange(self.port, raw, source)

    def logged(self, request_id: str) -> dict[str, Any]:
        """The access line of that request, which nginx writes after the answer has left."""
        lines = eventually(lambda: [one for one in self.lines() if one["requestId"] == request_id])
        assert len(lines) == 1, request_id
        return lines[0]

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log("access.log").splitlines()]

    def log(self, name: str) -> bytes:
        return (self.prefix / "logs" / name).read_bytes()


def rendered(prefix: Path, upstreams: Mapping[str, Sequence[str]], waits: Mapping[str, str] = SHORTENED) -> Gateway:
    """A configuration on disk, with its waits made short; nothing runs yet."""
    port = free_port()
    render(prefix, listen=f"127.0.0.1:{port}", upstreams=upstreams)
    for conf in (prefix / "includes").iterdir():
        text = conf.read_text()
        for long, short in waits.items():
            text = text.replace(long, short)
        conf.write_text(text)
    return Gateway(prefix, port)


class Refused(Exception):
    """What nginx said of its configuration."""


@contextmanager
def running(gateway: Gateway) -> Iterator[Gateway]:
    """Raises Refused where nginx will not start."""
    command = _nginx().command(gateway.prefix)
    with (gateway.prefix / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command, stderr=stderr)
    try:
        assert eventually(lambda: _listens(gateway.port) or process.poll() is not None), "no sign of nginx"
        if process.poll() is not None:
            raise Refused((gateway.prefix / "stderr").read_text())
        yield gateway
    finally:
        process.terminate()
        process.wait(10)


@cache
def _nginx() -> Nginx:
    return Nginx.find()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def eventually(look: Callable[[], Seen]) -> Seen:
    """What `look` sees, as soon as it sees anything, within 2 s."""
    deadline = time.monotonic() + 2
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return seen
