"""Images that a newer build took the name of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from docker import DockerClient
from docker.errors import APIError

from ops.stacks.compose.containers import forget_replaced


@contextmanager
def engine(status: HTTPStatus) -> Iterator[DockerClient]:
    """An engine that answers every request to prune like this."""

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b'{"message": "a prune operation is already running"}')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
            pass

    server = HTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = DockerClient(base_url=f"tcp://127.0.0.1:{server.server_port}", version="1.41")
    try:
        yield client
    finally:
        client.close()
        server.shutdown()
        server.server_close()


def test_while_the_engine_removes_for_somebody_else_they_stay() -> None:
    with engine(HTTPStatus.CONFLICT) as client:
        forget_replaced(client, "t")


def test_any_other_refusal_is_an_error() -> None:
    with engine(HTTPStatus.INTERNAL_SERVER_ERROR) as client, pytest.raises(APIError):
        forget_replaced(client, "t")
