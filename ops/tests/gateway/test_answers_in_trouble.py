"""What a client gets of an answer in trouble: all of it, a plain error, or what cannot pass for an answer."""

import threading
import time
from collections.abc import Callable
from http.client import BadStatusLine, IncompleteRead

import pytest

from ops.tests.gateway import wire
from ops.tests.gateway.deliveries import NO_HTTP, PIECES
from ops.tests.gateway.echo import Services
from ops.tests.gateway.expectations import assert_problem, unique
from ops.tests.gateway.running import Gateway, eventually

READ_TIMEOUT = 0.4
"""As in running.SHORTENED."""


def test_what_is_no_http_is_not_dressed_up_as_an_answer(gateway: Gateway, services: Services) -> None:
    """nginx takes it for HTTP/0.9, without status or headers; no directive of 1.22 or 1.26 forbids that."""
    path = f"/users?garbled=1&{unique()}"
    with wire.connect(gateway.port) as client:
        client.sendall(wire.request("GET", path))
        assert _until_closed(client.recv) == NO_HTTP
    assert services.asked(path) == 1
    with pytest.raises(BadStatusLine):
        gateway.ask("GET", path)


def test_an_answer_that_breaks_off_can_be_told_from_a_whole_one(gateway: Gateway) -> None:
    for path in ("/users?cut=5", "/users?cut=5&chunked=1"):
        with pytest.raises(IncompleteRead):
            gateway.ask("GET", path)


def test_an_answer_has_to_begin_in_time_however_it_trickles(gateway: Gateway) -> None:
    began = time.monotonic()
    answer = gateway.ask("GET", f"/users?drip=head&every={READ_TIMEOUT / 2}")
    assert_problem(answer, 504, "gateway-timeout")
    assert time.monotonic() - began < 2 * READ_TIMEOUT


def test_a_body_that_trickles_is_waited_for_to_its_end(gateway: Gateway) -> None:
    """The read timeout counts from byte to byte once the head is there; nginx knows no other."""
    began = time.monotonic()
    answer = gateway.ask("GET", f"/users?drip=body&every={READ_TIMEOUT / 4}")
    assert (answer.status, answer.json()["service"]) == (200, "users")
    assert time.monotonic() - began >= PIECES * READ_TIMEOUT / 4 > READ_TIMEOUT


def test_a_body_that_stops_trickling_is_broken_off(gateway: Gateway) -> None:
    began = time.monotonic()
    with pytest.raises(IncompleteRead):
        gateway.ask("GET", f"/users?drip=body&every={READ_TIMEOUT * 2}")
    assert READ_TIMEOUT <= time.monotonic() - began < 2 * READ_TIMEOUT


def test_a_client_that_has_enough_of_it_ends_it_for_the_service(gateway: Gateway, services: Services) -> None:
    path = f"/users?drip=body&every={READ_TIMEOUT / 4}&{unique()}"
    with wire.connect(gateway.port) as client:
        client.sendall(wire.request("GET", path))
        assert eventually(lambda: services.asked(path))
    assert eventually(lambda: services.users.left[path])


def test_trickling_answers_hold_up_nobody_else(gateway: Gateway, services: Services) -> None:
    path = f"/users?drip=body&every={READ_TIMEOUT / 4}&{unique()}"
    statuses: list[int] = []
    crowd = [threading.Thread(target=lambda: statuses.append(gateway.ask("GET", path).status)) for _ in range(40)]
    for one in crowd:
        one.start()
    assert eventually(lambda: services.asked(path) == len(crowd))
    assert gateway.ask("GET", "/users/me").status == 200
    assert not statuses, "they trickle still"
    for one in crowd:
        one.join()
    assert statuses == [200] * len(crowd)


def _until_closed(receive: Callable[[int], bytes]) -> bytes:
    return b"".join(iter(lambda: receive(65_536), b""))
