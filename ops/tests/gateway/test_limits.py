"""What a client may take: body size, passwords per second, requests and connections at a time, time."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest
import yaml

from ops.checks.configuration import parse
from ops.tests.gateway import wire
from ops.tests.gateway.echo import Services
from ops.tests.gateway.expectations import assert_problem, seen, unique
from ops.tests.gateway.running import SHORTENED, UNDER_WAY, Gateway, rendered, running
from ops.tests.shop import SOURCE
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


BODY_LIMIT = 64 * 1024
HOARDER = "127.0.0.79"
MANY = 6000
IP_BIND_ADDRESS_NO_PORT = 24
"""Of Linux: the port is chosen as one connects, which does not slow down with the number of ports in use."""
SLOW_BODY = wire.request("POST", "/orders", f"Content-Length: {BODY_LIMIT}", close=False) + b"{"


def test_a_large_body_stops_at_the_gateway(gateway: Gateway, services: Services) -> None:
    assert gateway.ask("POST", "/orders", body=b"x" * BODY_LIMIT).json()["bodySize"] == BODY_LIMIT
    path = f"/orders?{unique()}"
    assert_problem(gateway.ask("POST", path, body=b"x" * (BODY_LIMIT + 1)), 413, "body-too-large")
    chunked = (
        wire.request("POST", path, "Transfer-Encoding: chunked") + b"10001\r\n" + b"x" * 0x10001 + b"\r\n0\r\n\r\n"
    )
    assert_problem(gateway.send(chunked), 413, "body-too-large")
    assert not services.asked(path)


def test_cookies_of_16_kib_reach_the_service_and_larger_ones_are_named(gateway: Gateway) -> None:
    """Browsers carry a company's cookies about, beside all that they send otherwise."""
    cookie = "c=" + "x" * (16 * 1024 - len("c="))
    others = ("Authorization: Bearer " + "t" * 1_500, "Idempotency-Key: " + "k" * 255)
    assert seen(gateway.ask("GET", "/orders", *others, f"Cookie: {cookie}"))["cookie"] == [cookie]
    assert seen(gateway.ask("GET", "/orders", f"Cookie: {cookie}", *others))["cookie"] == [cookie]
    assert_problem(gateway.ask("GET", "/orders", f"Cookie: {cookie + cookie[:1024]}"), 431, "headers-too-large")


@pytest.mark.parametrize(("path", "source"), [("/users/login", "127.0.0.77"), ("/users/register", "127.0.0.76")])
def test_what_costs_the_work_of_a_password_is_limited(gateway: Gateway, path: str, source: str) -> None:
    answers = [gateway.ask("POST", path, body=b"{}", source=source) for _ in range(40)]
    assert all(answer.status == 200 for answer in answers[:21]), "a burst of 20 passes"
    refused = next(answer for answer in answers if answer.status != 200)
    assert_problem(refused, 429, "too-many-attempts")
    assert refused.all("Retry-After") == ["1"]
    assert gateway.ask("POST", path, body=b"{}", source="127.0.0.78").status == 200
    assert gateway.ask("GET", "/users/me", source=source).status == 200


def test_requests_of_one_address_at_a_time_are_limited(gateway: Gateway) -> None:
    with _hoarded(gateway, 2 * UNDER_WAY, SLOW_BODY):
        refused = _refusal(gateway)
        assert_problem(refused, 429, "too-many-attempts")
        assert refused.all("Retry-After") == ["1"]
        assert gateway.ask("GET", "/healthz", source=HOARDER).status == 200, "the gateway's own health has no limit"
        assert gateway.ask("POST", "/orders", body=b"{}", source="127.0.0.80").status == 200
    eventually(lambda: gateway.ask("GET", "/users/me", source=HOARDER).status == 200)


def test_idle_connections_of_an_address_do_not_count(gateway: Gateway) -> None:
    with ExitStack() as stack:
        for _ in range(2 * UNDER_WAY):
            kept = stack.enter_context(wire.connect(gateway.port, "127.0.0.81"))
            wire.send(kept, wire.request("GET", "/healthz", close=False))
            assert wire.receive(kept).status == 200
        assert gateway.ask("GET", "/users/me", source="127.0.0.81").status == 200


def test_an_address_that_stands_for_many_can_be_left_out(services: Services, tmp_path: Path) -> None:
    left_out = f'default $binary_remote_addr; {HOARDER} ""'
    waits = {**SHORTENED, "default $binary_remote_addr": left_out}
    with running(rendered(tmp_path, services.upstreams, waits)) as gateway, _hoarded(gateway, 2 * UNDER_WAY, SLOW_BODY):
        assert [gateway.ask("POST", "/users/login", body=b"{}", source=HOARDER).status for _ in range(40)] == [200] * 40


def test_who_hoards_half_heads_disturbs_nobody_else(services: Services, tmp_path: Path) -> None:
    """nginx counts a request only once its head is whole. The waits are those of the gateway as it is."""
    with (
        running(rendered(tmp_path, services.upstreams, {})) as gateway,
        _hoarded(gateway, MANY, b"GET / HTTP/1.1\r\nHo"),
    ):
        for _ in range(20):
            assert gateway.ask("GET", "/healthz").status == 200
            assert gateway.ask("GET", "/users/me").status == 200


def test_compose_gives_memory_for_half_a_head_on_each_connection() -> None:
    """Of each nginx keeps 9.5 kB, as measured."""
    configuration = parse(SOURCE / "nginx.conf")
    (workers,) = configuration.inside("worker_processes")
    (connections,) = configuration.inside("worker_connections")
    gateway = yaml.safe_load((SOURCE.parent / "docker-compose.yml").read_text())["services"]["gateway"]
    memory = gateway["deploy"]["resources"]["limits"]["memory"]
    assert int(memory.removesuffix("M")) * 1024**2 > int(workers.args[0]) * int(connections.args[0]) * 9_500


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


@contextmanager
def _hoarded(gateway: Gateway, number: int, begun: bytes) -> Iterator[None]:
    """So many connections of the hoarder, each with a request that is only begun."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, number + 1000)), hard))
    with ExitStack() as stack:
        for _ in range(number):
            one = stack.enter_context(socket.socket())
            one.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            one.bind((HOARDER, 0))
            one.connect(("127.0.0.1", gateway.port))
            wire.send(one, begun)
        yield


def _refusal(gateway: Gateway) -> wire.Answer:
    """The first answer to the hoarder once nginx has read what they began."""

    answers = (gateway.ask("GET", "/users/me", source=HOARDER) for _ in count())
    return eventually(lambda: [answer for answer in [next(answers)] if answer.status != 200])[0]
