"""What a client gets of an answer in trouble: all of it, a plain error, or what cannot pass for an answer."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import BadStatusLine, IncompleteRead
from pathlib import Path

import psutil
import pytest

from ops.tests.gateway import wire
from ops.tests.gateway.deliveries import NO_HTTP, PIECES
from ops.tests.gateway.echo import Services
from ops.tests.gateway.expectations import assert_problem, unique
from ops.tests.gateway.running import READ_TIMEOUT, Gateway, rendered, running
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


EVERY = READ_TIMEOUT / 4
"""Seconds between two pieces of an answer that is waited for."""
CONNECTIONS = 2 * 2**20
"""Bytes that a worker's table of connections takes at least, once it has begun."""


def test_what_is_no_http_is_not_dressed_up_as_an_answer(gateway: Gateway, services: Services) -> None:
    """nginx takes it for HTTP/0.9, without status or headers; no directive of 1.22 or 1.26 forbids that."""
    path = f"/users?garbled=1&{unique()}"
    with wire.connect(gateway.port) as client:
        client.sendall(wire.request("GET", path))
        assert _until_closed(client.recv) == NO_HTTP
    assert services.asked(path) == 1
    with pytest.raises(BadStatusLine):
        gateway.ask("GET", path)


def test_the_connection_stays_open_after_what_is_no_http(gateway: Gateway) -> None:
    """So a client must close it, as HTTP clients do with what they cannot read."""
    with wire.connect(gateway.port) as client:
        client.sendall(wire.request("GET", "/users?garbled=1", close=False))
        assert client.recv(len(NO_HTTP)) == NO_HTTP
        client.sendall(wire.request("GET", "/users/me"))
        assert wire.receive(client).status == 200


def test_an_answer_that_breaks_off_can_be_told_from_a_whole_one(gateway: Gateway) -> None:
    for path in ("/users?cut=5", "/users?cut=5&chunked=1"):
        with pytest.raises(IncompleteRead):
            gateway.ask("GET", path)


def test_an_answer_has_to_begin_in_time_however_it_trickles(gateway: Gateway) -> None:
    began = time.monotonic()
    answer = gateway.ask("GET", f"/users?drip=head&every={READ_TIMEOUT / 2}")
    assert_problem(answer, 504, "gateway-timeout")
    assert time.monotonic() - began < PIECES * READ_TIMEOUT / 2, "not when its head is there at last"


def test_a_body_that_trickles_is_waited_for_to_its_end(gateway: Gateway) -> None:
    """The read timeout counts from byte to byte once the head is there; nginx knows no other."""
    began = time.monotonic()
    answer = gateway.ask("GET", f"/users?drip=body&every={EVERY}")
    assert (answer.status, answer.json()["service"]) == (200, "users")
    assert time.monotonic() - began >= PIECES * EVERY > READ_TIMEOUT


def test_a_body_that_stops_trickling_is_broken_off(gateway: Gateway) -> None:
    began = time.monotonic()
    with pytest.raises(IncompleteRead) as broken_off:
        gateway.ask("GET", f"/users?drip=body&every={READ_TIMEOUT * 2}")
    assert time.monotonic() - began >= READ_TIMEOUT
    assert broken_off.value.partial == b"", "before the first piece"


def test_a_client_that_has_enough_of_it_ends_it_for_the_service(gateway: Gateway, services: Services) -> None:
    path = f"/users?drip=body&every={EVERY}&{unique()}"
    with wire.connect(gateway.port) as client:
        client.sendall(wire.request("GET", path))
        eventually(lambda: services.asked(path))
    eventually(lambda: services.users.left[path])


def test_trickling_answers_hold_up_nobody_else_and_cost_little(services: Services, tmp_path: Path) -> None:
    """40 at a time, each a kilobyte of body, for less than 64 KiB each; with the configuration's own waits."""
    path = f"/users?drip=body&every={READ_TIMEOUT / 2}&{unique()}"
    with running(rendered(tmp_path, services.upstreams, waits={})) as gateway, ThreadPoolExecutor(40) as crowd:
        eventually(lambda: min(_memory(gateway)) > CONNECTIONS)
        before = sum(_memory(gateway))
        pending = [crowd.submit(gateway.ask, "GET", path) for _ in range(40)]
        eventually(lambda: services.asked(path) == len(pending))
        assert gateway.ask("GET", "/users/me").status == 200
        grown = sum(_memory(gateway)) - before
        assert not any(answer.done() for answer in pending), "they trickle still"
        assert {answer.result().status for answer in pending} == {200}
    assert grown < len(pending) * 64 * 1024, grown


def _memory(gateway: Gateway) -> list[int]:
    """Bytes of each worker that nothing else shares."""
    master = psutil.Process(int((gateway.prefix / "nginx.pid").read_text()))
    return [worker.memory_full_info().uss for worker in master.children()]


def _until_closed(receive: Callable[[int], bytes]) -> bytes:
    return b"".join(iter(lambda: receive(65_536), b""))
