"""What the tests of the fault proxy stand on: a real service, the proxy as a process, and a plain client."""

import gzip
import http.client
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.faults.link_faults import LinkFaults
from ops.faults.proxy.addresses import SECRET, Address, LinkPlan, arguments
from ops.faults.proxy.control_client import ControlClient
from ops.stacks.local import programs

ROOT = Path(__file__).parents[2]
ANY = Address("127.0.0.1", 0)
KNOWN = "known to the harness alone"
PROCESSES = Path("/proc")


@dataclass
class Service:
    """A real HTTP/1.1 service that echoes, and remembers what it was asked."""

    address: Address
    asked: list[tuple[str, str, list[tuple[str, str]], bytes]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: Service

    def do_GET(self) -> None:
        body = self._read_body()
        self.service.asked.append((self.command, self.path, list(self.headers.items()), body))
        self.service.connections.add(self.client_address)
        answers = {"/chunked": self._chunked, "/gzip": self._gzip, "/until-close": self._until_close}
        answers.get(self.path, self._echo)(body)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _echo(self, body: bytes) -> None:
        body = body or b"from the service"
        self.send_response(201)
        self.send_header("X-Mixed-Case", "Kept")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _chunked(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in filter(None, (body[:10], body[10:])):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _gzip(self, body: bytes) -> None:
        packed = gzip.compress(body)
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)

    def _until_close(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"x" * 300_000)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@contextmanager
def service(port: int = 0) -> Iterator[Service]:
    server = _Server(("127.0.0.1", port), _Handler)
    running = Service(Address("127.0.0.1", server.server_address[1]))
    server.RequestHandlerClass = type("Handler", (_Handler,), {"service": running})
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_service(talk: Callable[[socket.socket], None]) -> Iterator[Address]:
    """A service that does whatever `talk` does with each connection on which something is asked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection:
            if connection.recv(1, socket.MSG_PEEK):
                talk(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=[connection], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield Address("127.0.0.1", listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@dataclass
class Proxy:
    process: subprocess.Popen[str]
    control: str
    links: dict[str, Address]

    @property
    def faults(self) -> LinkFaults:
        return LinkFaults(ControlClient(f"http://{self.control}", KNOWN))

    @property
    def complaints(self) -> str:
        """What an ended proxy has written to its standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def processor_seconds(self) -> float:
        """How long it has worked so far, told to a hundredth."""
        told = (PROCESSES / str(self.process.pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(20)


def proxy_command(plans: Iterable[LinkPlan]) -> list[str]:
    """What starts the proxy, from the root of the tree, told what to do at any free port."""
    return [sys.executable, "-m", programs.PROXY, *arguments(ANY, plans)]


@contextmanager
def proxy(*, is_http: bool = True, **targets: Address) -> Iterator[Proxy]:
    """The proxy with one link for each target; an underscore in its name stands for the colon."""
    plans = [LinkPlan(name.replace("_", ":"), ANY, target, is_http) for name, target in targets.items()]
    process = subprocess.Popen(
        proxy_command(plans),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "error", SECRET: KNOWN},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        listening = json.loads(process.stdout.readline())
        links = {link["link"]: Address.parse(link["listen"]) for link in listening["links"]}
        yield Proxy(process, listening["control"], links)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@dataclass
class Client:
    """One keep-alive connection over a link; `ask` returns status, headers and body."""

    address: Address
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.address.host, self.address.port, timeout=10)

    def ask(
        self, method: str = "GET", path: str = "/", body: bytes | None = None, request_id: str = "", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body, sent | ({"X-Request-ID": request_id} if request_id else {}))
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def close(self) -> None:
        self.connection.close()


@contextmanager
def asked(address: Address, request_id: str = "", path: str = "/products/cup") -> Iterator[socket.socket]:
    """A connection over which one request has been sent; the answer is to be the last on it."""
    with socket.create_connection((address.host, address.port), timeout=5) as connection:
        lines = [f"GET {path} HTTP/1.1", "Host: x", f"X-Request-ID: {request_id}", "Connection: close", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        yield connection


def answered(connection: socket.socket) -> bytes:
    """All that comes, until the other end closes. Raises ConnectionResetError when it does not close but resets."""
    return b"".join(iter(lambda: connection.recv(65536), b""))
