"""Looking for a stack that Compose started, where the engine does not say, and where there is none."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ops.smoke.page import Page
from ops.smoke.walk import walking
from ops.stacks import registry
from ops.stacks.layout import Layout
from ops.stacks.local.stack import LocalStack
from ops.stacks.sweeping import sweep

pytestmark = pytest.mark.whole

NAME = "t-unknown"
PAGE = """
## Smoke checklist

```sh
here=$PWD
```

Not run yet.

- [ ] one

  ```sh
  true
  ```

  answers: 200
"""


@pytest.fixture(autouse=True)
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that says nothing but where the engine is."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")


class Confused(BaseHTTPRequestHandler):
    """An engine that says its version, and refuses everything else."""

    def do_GET(self) -> None:
        is_version = self.path.endswith("/version")
        self.send_response(200 if is_version else 500)
        self.end_headers()
        self.wfile.write(b'{"ApiVersion": "1.41"}' if is_version else b'{"message": "database is locked"}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
        pass


@pytest.fixture
def confused(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with HTTPServer(("127.0.0.1", 0), Confused) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{listening.getsockname()[1]}")
        yield


@pytest.mark.parametrize("engine", ["confused", "hung"])
def test_a_name_that_no_stack_has_is_named_all_the_same(engine: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(engine)
    began = time.monotonic()
    assert registry.stack(NAME).state is None
    assert time.monotonic() - began < 30


@pytest.mark.usefixtures("confused")
def test_what_may_belong_to_one_is_not_swept() -> None:
    place = Layout(NAME)
    place.directory.mkdir(parents=True)
    (place.directory / "faults.json").write_text("[]")
    try:
        assert NAME not in sweep(registry.environment())
        assert (place.directory / "faults.json").exists()
    finally:
        place.remove()


def test_a_checklist_is_followed_on_one_that_has_no_folder(tmp_path: Path) -> None:
    stack = LocalStack(Layout("t-nowhere", tmp_path), {})
    with walking(Page.read(PAGE), "t-1", stack) as walk:
        assert "here" in walk.shell.variables
