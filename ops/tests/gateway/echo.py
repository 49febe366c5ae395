"""A service that answers with what it was sent, and misbehaves as the query asks: status=503, sleep=0.5, hangup=1,
chunked=1, and what deliveries.py knows."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ops.tests.gateway.deliveries import Query, chunked, deliver

# What a service might send along: the gateway's own must come once, in their place.
HEADERS = (
    "Server: Echo/6.6.6",
    "X-Powered-By: Echo",
    "X-Request-ID: the-services-own",
    "X-Content-Type-Options: sniff",
    "Cache-Control: public",
    "Content-Security-Policy: default-src *",
    "Referrer-Policy: unsafe-url",
    "Content-Type: application/problem+json",
    'WWW-Authenticate: Bearer error="invalid_token"',
    "Retry-After: 7",
    "Allow: GET",
    "Location: /orders/1",
)


class Echo(ThreadingHTTPServer):
    """`asked` counts the requests that reached it, by their path and query; `left` those whose answer nobody took."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name: str, host: str, port: int, *, keep: bool) -> None:
        super().__init__((host, port), _Handler)
        self.name = name
        self.closing = [] if keep else ["Connection: close"]
        self.asked: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.lock = threading.Lock()

    def server_bind(self) -> None:
        """As the base does, without asking a name server for our name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A gateway that closes first is no error here."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Echo

    def __getattr__(self, name: str) -> Any:
        """Every method is answered alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        with self.server.lock:
            self.server.asked[self.path] += 1
        wanted = parse_qs(urlsplit(self.path).query)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(float(wanted.get("sleep", ["0"])[0]))
        if "hangup" in wanted:
            self.close_connection = True
            return
        try:
            self.close_connection |= not deliver(self.wfile.write, *self._response(wanted, body), wanted)
        except OSError:
            self.server.left[self.path] += 1
            self.close_connection = True

    def _response(self, wanted: Query, body: bytes) -> tuple[bytes, bytes]:
        """Head and body."""
        document = {
            "service": self.server.name,
            "method": self.command,
            "path": self.path,
            "headers": self.headers.items(),
            "bodySize": len(body),
            "connection": self.client_address[1],
        }
        text = json.dumps(document).encode()
        length = "Transfer-Encoding: chunked" if "chunked" in wanted else f"Content-Length: {len(text)}"
        status = wanted.get("status", ["200"])[0]
        lines = [f"HTTP/1.1 {status} Any", *HEADERS, *self.server.closing, length, "", ""]
        framed = chunked(text) if "chunked" in wanted else text
        return "\r\n".join(lines).encode(), b"" if self.command == "HEAD" else framed

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Quiet."""


@dataclass(frozen=True)
class Services:
    """users is one; orders are three that keep no connection; products are two of which the first is not there."""

    users: Echo
    products: Echo
    orders: tuple[Echo, ...]
    absent: str
    upstreams: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        orders = [echo.address for echo in self.orders]
        addresses = {"users": [self.users.address], "products": [self.absent, self.products.address], "orders": orders}
        object.__setattr__(self, "upstreams", addresses)

    def asked(self, path: str) -> int:
        """How often a path reached any service."""
        return sum(echo.asked[path] for echo in (self.users, self.products, *self.orders))


@contextmanager
def echo(name: str, port: int = 0, *, host: str = "127.0.0.1", keep: bool = True) -> Iterator[Echo]:
    server = Echo(name, host, port, keep=keep)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def services() -> Iterator[Services]:
    with ExitStack() as stack:
        users, products = (stack.enter_context(echo(name)) for name in ("users", "products"))
        orders = tuple(stack.enter_context(echo("orders", keep=False)) for _ in range(3))
        yield Services(users, products, orders, "127.0.0.1:1")
