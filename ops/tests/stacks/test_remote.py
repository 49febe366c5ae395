"""A stack that is known by its address alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ops import system
from ops.errors import StackNotReady, WrongUsage
from ops.stacks.remote import RemoteStack


def test_its_name_is_where_it_answers() -> None:
    assert RemoteStack("https://staging.example.com:8443/").name == "staging.example.com:8443"


@pytest.mark.parametrize("url", ["staging.example.com", "ftp://x", "http://", ""])
def test_what_is_no_base_url_is_wrong_usage(url: str) -> None:
    with pytest.raises(WrongUsage, match="is no base URL"):
        RemoteStack(url)


def test_a_password_in_it_is_refused_and_not_repeated() -> None:
    with pytest.raises(WrongUsage, match="would take the place of the customers' tokens") as refused:
        RemoteStack("https://ann:sesame@staging.example.com")
    assert "sesame" not in str(refused.value)


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of somebody who listens and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def unreached(url: str) -> str:
    with pytest.raises(StackNotReady) as refused:
        RemoteStack(url).reach(within=0.2)
    return str(refused.value)


def test_why_it_cannot_be_reached_is_told_in_words(mute: str) -> None:
    assert unreached(mute) == f"{mute} cannot be reached: no answer in time"
    assert unreached("http://127.0.0.1:1") == "http://127.0.0.1:1 cannot be reached: connection refused"
    assert unreached("http://nobody.invalid") == "http://nobody.invalid cannot be reached: no such host"


def test_what_there_are_no_words_for_is_told_without_its_wrapping() -> None:
    assert unreached("http://127.0.0.1:99999").endswith(
        "cannot be reached: Failed to parse: http://127.0.0.1:99999/healthz"
    )


class Up(BaseHTTPRequestHandler):
    """A gateway that is ready at /up, and has nothing anywhere else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/up" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
        pass


@pytest.fixture
def up() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Up) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("ready", "state"), [("ready: /up", "ready"), ("", "ready"), ("ready: /healthz", "down")])
def test_it_is_asked_where_the_system_says(
    up: str, ready: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(f"x-ops: {{ gateway: front }}\nservices: {{ front: {{ ports: [80], x-ops: {{ {ready} }} }} }}\n")
    monkeypatch.setenv(system.FILE, str(file))
    system.current.cache_clear()
    try:
        assert RemoteStack(up).status().state == state
    finally:
        monkeypatch.undo()
        system.current.cache_clear()
