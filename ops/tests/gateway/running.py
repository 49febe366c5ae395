"""The gateway under test: rendered, perhaps edited, run by a real nginx on a port of its own."""

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ops.gateway.nginx import Nginx
from ops.stacks import ports
from ops.tests.gateway import wire
from ops.tests.shop import SERVICES
from ops.tests.shop import rendered as render
from ops.tests.waiting import eventually

READ_TIMEOUT = 1.0
"""Seconds. A busy machine lets an answer that is not meant to be late wait for less."""

WAIT = 0.6
"""Seconds between two attempts at a service that takes no connections."""

FEW = 9
"""So many more than one wait for a service at once."""

# What a test would wait for, or have to open many connections for, made small. Each stands in one file.
UNDER_WAY = 20
SHORTENED = {
    "limit_conn under_way 600": f"limit_conn under_way {UNDER_WAY}",
    "client_header_timeout 5s": "client_header_timeout 700ms",
    "client_body_timeout 5s": "client_body_timeout 700ms",
    "proxy_read_timeout 5s": f"proxy_read_timeout {READ_TIMEOUT:g}s",
    "proxy_next_upstream_timeout 2s": "proxy_next_upstream_timeout 200ms",
    "auth_delay 1s": f"auth_delay {WAIT * 1000:.0f}ms",
    "burst=400 nodelay": f"burst={FEW} nodelay",
    "zone=waiting:1m rate=100r/s": "zone=waiting:1m rate=1r/s",
}


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


@dataclass(frozen=True)
class Absent:
    """A gateway whose services are all at one port, where nobody is until a test begins to serve there."""

    gateway: Gateway
    port: int

    @staticmethod
    def upstreams(port: int) -> Mapping[str, Sequence[str]]:
        return dict.fromkeys(SERVICES, [f"127.0.0.1:{port}"])


def rendered(prefix: Path, upstreams: Mapping[str, Sequence[str]], waits: Mapping[str, str] = SHORTENED) -> Gateway:
    """A configuration on disk, with its waits made short; nothing runs yet."""
    (port,) = ports.free(1)
    render(prefix, listen=f"127.0.0.1:{port}", upstreams=upstreams)
    for long, short in waits.items():
        files = [prefix / "nginx.conf", *(prefix / "includes").iterdir()]
        (conf,) = (one for one in files if f"{long};" in one.read_text())
        conf.write_text(conf.read_text().replace(long, short))
    return Gateway(prefix, port)


class Refused(Exception):
    """What nginx said of its configuration."""


@contextmanager
def running(gateway: Gateway) -> Iterator[Gateway]:
    """Raises Refused where nginx will not start."""
    command = _nginx().command(gateway.prefix)
    with (gateway.prefix / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command, cwd=gateway.prefix, stderr=stderr)
    try:
        eventually(lambda: _listens(gateway.port) or process.poll() is not None)
        if process.poll() is not None:
            raise _refusal((gateway.prefix / "stderr").read_text())
        yield gateway
    finally:
        process.terminate()
        process.wait(10)


@cache
def _nginx() -> Nginx:
    return Nginx.find()


def _refusal(said: str) -> Exception:
    """A port that somebody else took meanwhile tells nothing of the configuration."""
    return AssertionError(said) if "Address already in use" in said else Refused(said)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
