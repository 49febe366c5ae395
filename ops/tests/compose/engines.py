"""An engine that answers as a real one cannot be made to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer

from docker import DockerClient


@contextmanager
def engine(*answers: tuple[HTTPStatus, str]) -> Iterator[DockerClient]:
    """One that answers requests to do something with these statuses and messages in turn, the last of them for ever."""
    left = list(answers)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, message = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.end_headers()
            if status != HTTPStatus.NO_CONTENT:
                self.wfile.write(json.dumps({"message": message}).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    client = DockerClient(base_url=f"tcp://127.0.0.1:{server.server_port}", version="1.41")
    try:
        yield client
    finally:
        client.close()
        server.shutdown()
        server.server_close()
