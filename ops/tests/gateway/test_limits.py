"""What a client may take: body size, logins per second, time."""

import socket

import pytest

from ops.tests.gateway import wire
from ops.tests.gateway.echo import Services
from ops.tests.gateway.expectations import assert_problem, unique
from ops.tests.gateway.running import Gateway

pytestmark = pytest.mark.whole


BODY_LIMIT = 64 * 1024


def test_a_large_body_stops_at_the_gateway(gateway: Gateway, services: Services) -> None:
    assert gateway.ask("POST", "/orders", body=b"x" * BODY_LIMIT).json()["bodySize"] == BODY_LIMIT
    path = f"/orders?{unique()}"
    assert_problem(gateway.ask("POST", path, body=b"x" * (BODY_LIMIT + 1)), 413, "body-too-large")
    chunked = (
        wire.request("POST", path, "Transfer-Encoding: chunked") + b"10001\r\n" + b"x" * 0x10001 + b"\r\n0\r\n\r\n"
    )
    assert_problem(gateway.send(chunked), 413, "body-too-large")
    assert not services.asked(path)


def test_logins_of_one_address_are_limited(gateway: Gateway) -> None:
    answers = [gateway.ask("POST", "/users/login", body=b"{}", source="127.0.0.77") for _ in range(40)]
    assert all(answer.status == 200 for answer in answers[:21]), "a burst of 20 passes"
    refused = next(answer for answer in answers if answer.status != 200)
    assert_problem(refused, 429, "too-many-attempts")
    assert refused.all("Retry-After") == ["1"]
    assert gateway.ask("POST", "/users/login", body=b"{}", source="127.0.0.78").status == 200
    assert gateway.ask("GET", "/users/me", source="127.0.0.77").status == 200


def test_slow_clients_are_cut_off(gateway: Gateway) -> None:
    """Without an answer, while others are served. client_body_timeout counts between two reads."""
    head = wire.request("POST", "/users", "Content-Length: 100", close=False)
    with wire.connect(gateway.port) as in_headers, wire.connect(gateway.port) as in_body:
        in_headers.sendall(b"GET /users HTTP/1.1\r\nHo")
        in_body.sendall(head + b"{")
        assert gateway.ask("GET", "/users/me").status == 200
        assert _rest(in_headers) == _rest(in_body) == b""


def _rest(client: socket.socket) -> bytes:
    try:
        return client.recv(1000)
    except TimeoutError as error:
        raise AssertionError("still connected") from error
