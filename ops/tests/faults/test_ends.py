"""However a fault ends, nothing is left of it; and while it is there it is for nobody else."""

import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeAlias

import psutil
import pytest

from ops.faults.errors import OrderRefused
from ops.faults.link_faults import LinkFault, LinkFaults
from ops.faults.proxy.addresses import Address
from ops.faults.proxy.attempts import Attempt
from ops.tests.rig import Client, Proxy, Service, answered, asked, proxy, service
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


LINK = "orders:products"
BODY = b"from the service"
Order: TypeAlias = Callable[[LinkFaults], LinkFault]


def is_held(attempt: Attempt) -> bool:
    """Whether the fault has the request in its hands: a black hole never gets an answer, the others wait with one."""
    return attempt.effect is True or attempt.status is not None


HOLDING: list[tuple[str, Order]] = [
    ("latency", lambda wire: wire.inject("latency", LINK, ms=60_000, times=None)),
    ("drip", lambda wire: wire.inject("drip", LINK, size=1, intervalMs=60_000, times=None)),
    ("blackhole", lambda wire: wire.inject("blackhole", LINK, times=None)),
]
holding = pytest.mark.parametrize("order", [order for _, order in HOLDING], ids=[name for name, _ in HOLDING])


@holding
def test_a_signal_ends_the_proxy_at_once_whatever_it_holds(order: Order) -> None:
    with service() as products, proxy(orders_products=products.address) as between, ExitStack() as clients:
        fault = order(between.faults).__enter__()
        for _ in range(5):
            clients.enter_context(asked(between.links[LINK]))
        eventually(lambda: sum(map(is_held, fault.attempts())) == 5)

        assert between.end(signal.SIGTERM) == 0
        assert between.complaints == ""


def test_a_signal_ends_a_proxy_whose_link_is_down() -> None:
    with service() as products, proxy(orders_products=products.address) as between:
        between.faults.inject("down", LINK, times=None).__enter__()

        assert between.end(signal.SIGTERM) == 0
        assert between.complaints == ""


@holding
def test_clients_that_leave_leave_nothing_behind(order: Order) -> None:
    with service() as products, proxy(orders_products=products.address) as between, order(between.faults) as fault:
        process = psutil.Process(between.process.pid)
        eventually(lambda: len(process.net_connections()) == 3)
        before = process.num_fds()
        with ExitStack() as clients:
            for _ in range(30):
                clients.enter_context(asked(between.links[LINK]))
            eventually(lambda: sum(map(is_held, fault.attempts())) == 30)
            assert process.num_fds() >= before + 30
        eventually(lambda: process.num_fds() <= before)

        assert all(attempt.ms is not None for attempt in fault.attempts())
        assert fault.state == "confirmed"


def test_a_client_that_leaves_a_service_that_hangs_leaves_nothing_behind() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        proxy(orders_products=Address("127.0.0.1", mute.getsockname()[1])) as between,
    ):
        process = psutil.Process(between.process.pid)
        before = process.num_fds()
        with asked(between.links[LINK]):
            eventually(lambda: process.num_fds() == before + 2)
        eventually(lambda: process.num_fds() == before)


@pytest.mark.parametrize(
    ("order", "seen"),
    [
        (lambda wire: wire.inject("latency", LINK, ms=60_000, seconds=0.15), BODY),
        (lambda wire: wire.inject("drip", LINK, size=1, intervalMs=60_000, seconds=0.15), BODY),
        (lambda wire: wire.inject("blackhole", LINK, seconds=0.15), None),
    ],
    ids=["latency", "drip", "blackhole"],
)
def test_a_fault_whose_author_vanished_lets_go_of_what_it_holds(
    order: Order, seen: bytes | None, wire: LinkFaults, link: Address
) -> None:
    order(wire).__enter__()
    with asked(link) as connection:
        if seen is None:
            with pytest.raises(ConnectionResetError):
                answered(connection)
        else:
            assert answered(connection).endswith(seen)
    assert wire.in_force() == []


def test_a_link_whose_author_vanished_listens_again(wire: LinkFaults, link: Address) -> None:
    wire.inject("down", LINK, seconds=0.1, times=None).__enter__()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((link.host, link.port))

    def listens() -> bool:
        with socket.socket() as connection:
            return connection.connect_ex((link.host, link.port)) == 0

    eventually(listens)


def test_a_control_client_that_says_nothing_holds_nobody_up(running: tuple[Service, Proxy]) -> None:
    host, _, port = running[1].control.partition(":")
    with socket.create_connection((host, int(port))) as silent:
        silent.sendall(b"POST /faults HTTP/1.1\r\nContent-Le")

        assert running[1].faults.in_force() == []


def test_an_order_that_is_too_long_is_refused(running: tuple[Service, Proxy]) -> None:
    with pytest.raises(OrderRefused, match="too large"):
        running[1].faults.inject("status", LINK, request_ids="x" * 100_000, code=503).__enter__()


def test_faults_for_different_requests_disturb_neither_each_other_nor_a_third(
    running: tuple[Service, Proxy], link: Address
) -> None:
    wire = running[1].faults

    def ask(request_id: str) -> list[tuple[int, float]]:
        client, seen = Client(link), []
        for _ in range(4):
            started = time.perf_counter()
            status = client.ask(request_id=request_id)[0]
            seen.append((status, time.perf_counter() - started))
        client.close()
        return seen

    with (
        wire.inject("latency", LINK, ms=120, times=None, request_ids="slow.*") as slow,
        wire.inject("status", LINK, code=503, times=2, request_ids="failing.*") as failing,
        wire.inject("blackhole", LINK, times=None, request_ids="lost.*") as lost,
        asked(link, "lost.1"),
        ThreadPoolExecutor(3) as pool,
    ):
        slowed, failed, healthy = pool.map(ask, ["slow.1", "failing.1", "healthy.1"])
        assert (slow.confirmed(), failing.confirmed(), lost.confirmed()) == (True, True, True)

    assert [status for status, _ in slowed] == [201] * 4
    assert min(seconds for _, seconds in slowed) >= 0.12
    assert [status for status, _ in failed] == [503, 503, 201, 201]
    assert [status for status, _ in healthy] == [201] * 4
    others = [attempt for attempt in wire.attempts(LINK) if attempt.request_id in ("failing.1", "healthy.1")]
    assert [attempt.held_ms for attempt in others] == [None] * 8
    assert {attempt.injected for attempt in others if attempt.request_id == "healthy.1"} == {None}


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"kind": "latency"}, "ms must be a number from 1 to 300000"),
        ({"kind": "latency", "ms": 0}, "ms must be"),
        ({"kind": "latency", "ms": float("nan")}, "ms must be"),
        ({"kind": "latency", "ms": True}, "ms must be"),
        ({"kind": "latency", "ms": 10, "jitterMs": 11}, "jitterMs must be a number from 0 to 10"),
        ({"kind": "drip", "size": 0}, "size must be a whole number from 1 to 1048576"),
        ({"kind": "drip", "size": 1.5}, "size must be"),
        ({"kind": "drip", "intervalMs": "1"}, "intervalMs must be"),
        ({"kind": "drip", "head": "yes"}, "head must be true or false"),
        ({"kind": "reset", "when": "never"}, "when must be one of before, after"),
        ({"kind": "truncated", "after": -1}, "after must be a whole number from 0"),
        ({"kind": "garbled", "what": "xml"}, "what must be one of json, http"),
        ({"kind": "down", "ms": 3}, "'ms' is no setting of down; there are link, requestIds, paths, times, seconds"),
        ({"kind": "blackhole", "times": 1.0}, "times must be"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_the_reason(
    wire: LinkFaults, order: dict[str, object], reason: str
) -> None:
    with pytest.raises(OrderRefused, match=reason):
        wire.inject(**({"link": LINK} | order)).__enter__()  # type: ignore[arg-type]
    assert wire.in_force() == []
