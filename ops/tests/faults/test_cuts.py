"""Faults that break connections and answers: reset, truncated, garbled, down."""

import http.client
import json
import socket
import struct
from typing import Literal

import pytest

from ops.faults.errors import NotProven
from ops.faults.link_faults import LinkFaults
from ops.faults.proxy.addresses import Address
from ops.tests.rig import Client, Proxy, Service, answered, asked, proxy, raw_service, service

pytestmark = pytest.mark.whole


LINK = "orders:products"
BODY = b"from the service"
MINE = "orders.place_order.L12.1-run"
ANOTHER = "orders.place_order.L30.1-run"


@pytest.mark.parametrize(("when", "reached"), [("before", 0), ("after", 1)])
def test_a_reset_before_or_after_the_service_was_asked(
    wire: LinkFaults, link: Address, products: Service, when: Literal["before", "after"], reached: int
) -> None:
    with wire.inject("reset", LINK, when=when) as fault, asked(link) as connection, pytest.raises(ConnectionResetError):
        answered(connection)

    assert fault.confirmed()
    assert len(products.asked) == reached
    assert [attempt.status for attempt in fault.attempts()] == [201 if reached else None]


def test_after_a_reset_the_real_service_answers(wire: LinkFaults, link: Address) -> None:
    with wire.inject("reset", LINK):
        with asked(link) as connection, pytest.raises(ConnectionResetError):
            answered(connection)
        with asked(link) as connection:
            assert answered(connection).endswith(BODY)


def test_a_reset_after_an_answer_that_never_came_proves_nothing() -> None:
    def take(connection: socket.socket) -> None:
        connection.recv(1000)

    with raw_service(take) as mute, proxy(orders_products=mute) as between:
        fault = between.faults.inject("reset", LINK, when="after")
        with pytest.raises(NotProven, match="missed once"), fault, asked(between.links[LINK]) as connection:
            connection.recv(1)


@pytest.mark.parametrize("after", [0, 1, 15])
def test_a_truncated_answer_ends_in_its_body(wire: LinkFaults, client: Client, after: int) -> None:
    with wire.inject("truncated", LINK, after=after) as fault:
        with pytest.raises(http.client.IncompleteRead) as incomplete:
            client.ask()
        assert fault.confirmed()

    assert incomplete.value.partial == BODY[:after]
    assert incomplete.value.expected == len(BODY) - after


def test_a_truncated_answer_promises_all_of_its_body(wire: LinkFaults, link: Address) -> None:
    with wire.inject("truncated", LINK, after=4), asked(link) as connection:
        head, _, body = answered(connection).partition(b"\r\n\r\n")

    assert b"Content-Length: 16" in head
    assert body == b"from"


def test_a_chunked_answer_is_cut_too(wire: LinkFaults, client: Client) -> None:
    with wire.inject("truncated", LINK, after=5):
        client.connection.request("POST", "/chunked", b"x" * 100)
        with pytest.raises(http.client.IncompleteRead):
            client.connection.getresponse().read()


def test_a_body_that_is_too_short_to_cut_arrives_whole_and_proves_nothing(wire: LinkFaults, client: Client) -> None:
    fault = wire.inject("truncated", LINK, after=len(BODY))
    with pytest.raises(NotProven, match="took effect never, missed once"), fault:
        assert client.ask()[2] == BODY

    assert fault.state == "mismatch"


def test_garbled_json_comes_with_the_status_of_the_answer(wire: LinkFaults, client: Client, products: Service) -> None:
    with wire.inject("garbled", LINK) as fault:
        status, headers, body = client.ask("POST", "/orders", b"{}", request_id=MINE)
        assert fault.confirmed()
        assert client.ask()[2] == BODY

    assert (status, headers["Content-Type"], headers["X-Request-ID"]) == (201, "application/json", MINE)
    assert int(headers["Content-Length"]) == len(body)
    assert len(products.asked) == 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_garbled_http_is_no_http(wire: LinkFaults, client: Client, products: Service) -> None:
    with wire.inject("garbled", LINK, what="http") as fault, pytest.raises(http.client.BadStatusLine):
        client.ask()

    assert fault.confirmed()
    assert len(products.asked) == 1
    client.close()


def test_an_answer_without_a_body_has_no_json_to_garble(wire: LinkFaults, client: Client) -> None:
    fault = wire.inject("garbled", LINK)
    with pytest.raises(NotProven, match="missed once"), fault:
        assert client.ask("HEAD")[0] == 201


def test_a_link_that_is_down_refuses_connections_until_the_fault_ends(
    wire: LinkFaults, link: Address, client: Client, products: Service
) -> None:
    client.ask()
    with wire.inject("down", LINK, times=None) as fault:
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            client.ask()
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((link.host, link.port), timeout=5)
        assert fault.confirmed()
        assert fault.attempts() == []

    assert fault.confirmed()
    assert fault.detail == "down on orders:products: asked for every time, seen to refuse connections"
    assert len(products.asked) == 1
    client.close()
    assert client.ask()[2] == BODY


def test_a_link_is_down_until_the_last_such_fault_ends(wire: LinkFaults, link: Address, client: Client) -> None:
    with wire.inject("down", LINK, times=None):
        with wire.inject("down", LINK, times=None):
            pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((link.host, link.port), timeout=5)

    assert client.ask()[2] == BODY


def test_another_link_is_not_down(wire: LinkFaults, running: tuple[Service, Proxy]) -> None:
    with wire.inject("down", LINK, times=None), asked(running[1].links["orders:users"]) as connection:
        assert answered(connection).endswith(BODY)


@pytest.mark.parametrize("limits", [{"request_ids": MINE}, {"times": 1}, {"paths": "/products/*"}])
def test_down_for_some_requests_resets_each_at_once(
    wire: LinkFaults, link: Address, products: Service, limits: dict[str, object]
) -> None:
    with (
        wire.inject("down", LINK, **({"times": None} | limits)) as fault,  # type: ignore[arg-type]
        asked(link, MINE) as mine,
        asked(link, ANOTHER, "/jwks") as another,
    ):
        with pytest.raises(ConnectionResetError):
            answered(mine)
        assert answered(another).endswith(BODY)
        assert fault.confirmed()

    assert [path for _, path, _, _ in products.asked] == ["/jwks"]


def test_a_port_that_is_down_is_given_to_nobody_else() -> None:
    with service() as products, proxy(orders_products=products.address) as between:
        unused = between.links[LINK]
        with (
            between.faults.inject("down", LINK, times=None),
            socket.socket() as greedy,
            pytest.raises(OSError, match="in use"),
        ):
            greedy.bind((unused.host, unused.port))


def test_an_answer_of_a_service_that_hangs_up_cannot_be_spoilt() -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with raw_service(hang_up) as rude, proxy(orders_products=rude) as between:
        for fault in (
            between.faults.inject("latency", LINK, ms=1),
            between.faults.inject("truncated", LINK),
            between.faults.inject("garbled", LINK),
        ):
            with (
                pytest.raises(NotProven, match="missed once"),
                fault,
                asked(between.links[LINK]) as connection,
                pytest.raises(ConnectionResetError),
            ):
                answered(connection)
            assert fault.state == "mismatch"
