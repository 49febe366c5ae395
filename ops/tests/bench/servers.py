"""Small real HTTP servers to put a load on."""

from __future__ import annotations

import http.server
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = tuple[int, bytes]


@dataclass
class Served:
    """Where it is, and how many requests it has had."""

    url: str
    count: Iterator[int] = field(default_factory=itertools.count)


@contextmanager
def serving(answer: Callable[[int], Answer]) -> Iterator[Served]:
    """A server that answers each request, given its number, with a status and a body; over kept connections."""
    served = Served("")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = answer(next(served.count))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """wrk cuts its connections off when it ends."""

    server = Server(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serial(seconds: float) -> Callable[[int], Answer]:
    """One request at a time, each for so long."""
    turn = threading.Lock()

    def answer(_number: int) -> Answer:
        with turn:
            time.sleep(seconds)
        return 200, b"{}"

    return answer
