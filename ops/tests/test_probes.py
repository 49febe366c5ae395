"""What is ours is asked directly."""

from __future__ import annotations

import socket
import threading

import pytest

from ops.stacks import probes
from ops.tests.rig import service


def test_a_proxy_of_this_machine_is_not_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with service() as there:
        assert probes.status(f"http://{there.address.host}:{there.address.port}/", within=5) == 201


def test_who_does_not_listen_gives_no_answer() -> None:
    assert probes.status("http://127.0.0.1:9/", within=1) is None
    assert not probes.answers("http://127.0.0.1:9/readyz")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n.",
        b"HTTP/1.1 302 Found\r\nLocation: http://[bad/\r\nContent-Length: 0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["it breaks off", "it leads nowhere", "it is none"],
)
def test_what_is_no_whole_answer_is_none(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:

        def speak() -> None:
            caller, _ = there.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(answer)

        speaker = threading.Thread(target=speak)
        speaker.start()
        assert probes.status(f"http://127.0.0.1:{there.getsockname()[1]}/readyz", within=10) is None
        speaker.join()


def test_an_address_is_reached_that_takes_connections_or_refuses_them() -> None:
    with service() as there:
        open_port = f"http://{there.address.host}:{there.address.port}/readyz"
        assert probes.reaches(open_port)
    assert probes.reaches(open_port)
    assert not probes.reaches("http://nobody.invalid:8000/readyz")
