"""The health check of a service on Swarm, which kills what fails it; asked of a server that answers as it is set."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.tests.shop import SHOP

Answers = dict[str, int]


class _Loader(yaml.SafeLoader):
    """Compose's own tags, as `!reset`, say nothing here."""


_Loader.add_multi_constructor("!", lambda *_: None)


@pytest.fixture
def answers() -> Answers:
    return {"/livez": 200, "/readyz": 503}


@pytest.fixture
def holds(answers: Answers, tmp_path: Path) -> Iterator[Callable[[], bool]]:
    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers[self.path])
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = {"$$": "$", "8000": str(server.server_port), "/tmp/": f"{tmp_path}/"}  # noqa: S108  # in the container
        program, *words = _written()
        for there, own in here.items():
            words = [word.replace(there, own) for word in words]
        yield lambda: subprocess.run([program, *words]).returncode == 0
        server.shutdown()


def _written() -> list[str]:
    assert SHOP.swarm
    services = yaml.load(SHOP.swarm.file.read_text(), _Loader)["services"]  # noqa: S506  # a safe one
    return list(services["orders"]["healthcheck"]["test"][1:])


def test_it_fails_until_the_service_is_ready(holds: Callable[[], bool], answers: Answers) -> None:
    assert not holds()
    answers["/readyz"] = 200
    assert holds()


def test_a_service_that_loses_its_database_is_not_killed(holds: Callable[[], bool], answers: Answers) -> None:
    answers["/readyz"] = 200
    assert holds()
    answers["/readyz"] = 503
    assert holds()
    answers["/livez"] = 503
    assert not holds()
