"""A small server that answers what the steps of the tests ask for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ops.smoke.page import Page
from ops.smoke.shell import Shell
from ops.smoke.walk import Result, Walk
from ops.stacks import registry

PROBLEM = {"type": "urn:problem:product-not-found", "status": 404, "detail": "password=hunter22"}
ANSWERS = {
    "/healthz": (200, {"status": "ok"}),
    "/token": (200, {"accessToken": "sesame-open-up"}),
    "/empty": (200, {"accessToken": ""}),
    "/nothing": (200, {}),
    "/list": (200, {"items": [{"id": "a", "price": {"amount": 1250}}, {"id": "b"}], "next": None}),
}


class Handler(BaseHTTPRequestHandler):
    """`/slow` never answers; what is not known is a problem; the request ID comes back but from `/deaf`."""

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(30)
        request_id = self.headers["X-Request-ID"]
        status, content = ANSWERS.get(self.path, (404, {**PROBLEM, "requestId": request_id}))
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        if request_id and self.path != "/deaf":
            self.send_header("X-Request-ID", request_id)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def shell(url: str, tmp_path: Path) -> Shell:
    variables = {**registry.environment(), "BASE_URL": url, "SMOKE_RUN": "test-1"}
    return Shell(tmp_path, tmp_path, variables, within=20)


@pytest.fixture
def walk(shell: Shell) -> Callable[..., list[Result]]:
    def walked(text: str, *capabilities: str) -> list[Result]:
        checklist = Page.read(text)
        shell.run(checklist.preparation)
        walk = Walk(shell, frozenset(capabilities))
        return [walk.take(step) for step in checklist.steps]

    return walked
