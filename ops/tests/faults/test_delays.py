"""Faults that take their time: latency, drip, blackhole."""

import socket
import time

import pytest

from ops.faults.errors import NotProven
from ops.faults.link_faults import LinkFaults
from ops.faults.proxy.addresses import Address
from ops.tests.rig import Client, Service, answered, asked
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


LINK = "orders:products"
BODY = b"from the service"


def seconds_to_ask(client: Client, method: str = "GET") -> float:
    started = time.perf_counter()
    assert client.ask(method)[0] == 201
    return time.perf_counter() - started


def test_latency_keeps_the_answer_back(wire: LinkFaults, client: Client) -> None:
    with wire.inject("latency", LINK, ms=80, times=2) as fault:
        assert [seconds_to_ask(client) >= 0.08 for _ in range(3)] == [True, True, False]

        first, _, third = fault.attempts()
        assert first.held_ms is not None
        assert 80 <= first.held_ms <= (first.ms or 0)
        assert (first.status, first.effect, third.effect, third.held_ms) == (201, True, None, None)
        assert fault.state == "confirmed"

    assert "latency ms=80 on orders:products: asked for twice, took effect twice, kept" in fault.detail


def test_a_status_may_be_late_and_the_service_is_not_asked(wire: LinkFaults, client: Client, products: Service) -> None:
    with wire.inject("status", LINK, code=503, ms=80) as fault:
        started = time.perf_counter()
        assert client.ask()[0] == 503
        assert time.perf_counter() - started >= 0.08

    assert fault.confirmed()
    assert "status code=503 ms=80 on orders:products: asked for once, took effect once, kept waiting" in fault.detail
    assert products.asked == []


def test_the_service_is_asked_before_the_wait(wire: LinkFaults, link: Address, products: Service) -> None:
    with wire.inject("latency", LINK, ms=60_000) as fault, asked(link):
        eventually(lambda: any(attempt.status for attempt in fault.attempts()))

        assert len(products.asked) == 1


def test_jitter_stays_within_its_bounds(wire: LinkFaults, client: Client) -> None:
    with wire.inject("latency", LINK, ms=10, jitterMs=9, times=None) as fault:
        for _ in range(25):
            client.ask()
        held = [attempt.held_ms or 0 for attempt in fault.attempts()]

    assert 1 <= min(held) < 9.5
    assert fault.confirmed()


def test_latency_is_confirmed_when_the_client_has_waited_until_it_gave_up(wire: LinkFaults, link: Address) -> None:
    with wire.inject("latency", LINK, ms=60_000) as fault:
        with asked(link):
            eventually(lambda: fault.attempts() != [])
            time.sleep(0.05)
            assert fault.state == "inconclusive"
        eventually(lambda: fault.confirmed())

        [attempt] = fault.attempts()
        assert 40 < (attempt.held_ms or 0) < 5_000
        assert attempt.ms


def test_latency_that_ends_too_early_proves_nothing(wire: LinkFaults, link: Address) -> None:
    fault = wire.inject("latency", LINK, ms=60_000).__enter__()
    with asked(link):
        eventually(lambda: any(attempt.status for attempt in fault.attempts()))
        with pytest.raises(NotProven, match="took effect never, ended once before it showed"):
            fault.__exit__(None, None, None)

    assert fault.state == "inconclusive"


def test_the_answer_that_was_kept_back_arrives_when_the_fault_ends(wire: LinkFaults, link: Address) -> None:
    fault = wire.inject("latency", LINK, ms=60_000, request_ids="kept-back").__enter__()
    with asked(link, "kept-back") as connection:
        eventually(lambda: any(attempt.status for attempt in fault.attempts()))
        wire.clear()

        assert answered(connection).endswith(BODY)


def test_drip_lets_the_body_through_piece_by_piece(wire: LinkFaults, link: Address) -> None:
    with wire.inject("drip", LINK, size=4, intervalMs=30) as fault, asked(link) as connection:
        started = time.perf_counter()
        head = connection.recv(65536)
        assert head.endswith(b"\r\n\r\n")
        pieces = list(iter(lambda: connection.recv(65536), b""))

        assert b"".join(pieces) == BODY
        assert len(pieces) > 1
        assert time.perf_counter() - started >= 0.12
        assert fault.confirmed()
        assert (fault.attempts()[0].held_ms or 0) >= 120


def test_drip_can_begin_with_the_head(wire: LinkFaults, link: Address) -> None:
    with wire.inject("drip", LINK, size=60, intervalMs=40, head=True) as fault, asked(link) as connection:
        first = connection.recv(65536)
        rest = answered(connection)

        assert first.startswith(b"HTTP/1.1 201")
        assert b"\r\n\r\n" not in first
        assert rest.endswith(BODY)
        assert (fault.attempts()[0].held_ms or 0) >= 40 * (len(first + rest) // 60)


def test_a_client_that_tires_of_a_drip_has_had_its_effect(wire: LinkFaults, link: Address) -> None:
    with wire.inject("drip", LINK, size=1, intervalMs=50) as fault:
        with asked(link) as connection:
            while not connection.recv(65536).endswith(BODY[:1]):
                pass
        eventually(lambda: fault.confirmed())


def test_an_answer_without_a_body_cannot_drip(wire: LinkFaults, client: Client) -> None:
    fault = wire.inject("drip", LINK)
    with pytest.raises(NotProven, match="took effect never, missed once"), fault:
        seconds_to_ask(client, "HEAD")

    assert fault.state == "mismatch"


def test_the_rest_of_a_drip_comes_at_once_when_the_fault_ends(wire: LinkFaults, link: Address) -> None:
    fault = wire.inject("drip", LINK, size=1, intervalMs=60_000).__enter__()
    with asked(link) as connection:
        head = connection.recv(65536)
        assert head.endswith(b"\r\n\r\n")
        assert wire.clear()[0]["took"] == 0

        assert answered(connection) == BODY
    assert fault.state == "inconclusive"


def test_a_black_hole_swallows_the_request(wire: LinkFaults, link: Address, products: Service) -> None:
    with wire.inject("blackhole", LINK) as fault, asked(link) as connection:
        eventually(lambda: fault.confirmed())
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)

    assert products.asked == []
    [attempt] = fault.attempts()
    assert (attempt.status, attempt.effect) == (None, True)


def test_a_black_hole_resets_what_it_holds_when_it_ends(wire: LinkFaults, link: Address) -> None:
    fault = wire.inject("blackhole", LINK).__enter__()
    with asked(link) as connection:
        eventually(lambda: fault.confirmed())
        wire.clear()

        with pytest.raises(ConnectionResetError):
            answered(connection)


def test_a_black_hole_takes_whatever_is_sent(wire: LinkFaults, link: Address) -> None:
    with (
        wire.inject("blackhole", LINK) as fault,
        socket.create_connection((link.host, link.port), timeout=5) as connection,
    ):
        connection.sendall(b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n")
        for _ in range(20):
            connection.sendall(b"x" * 1_000_000)

        assert fault.confirmed()
