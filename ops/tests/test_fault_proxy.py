"""The proxy in front of a real service: it is not to be noticed, except where a fault is asked for."""

import http.client
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from statistics import median

import pytest

from ops.faults.errors import OrderRefused
from ops.faults.proxy.addresses import SECRET, Address, LinkPlan
from ops.tests.rig import (
    ANY,
    KNOWN,
    PROCESSES,
    ROOT,
    Client,
    Proxy,
    Service,
    proxy,
    proxy_command,
    raw_service,
    service,
)
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


MEGABYTE = os.urandom(1_000_000)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Service, Proxy]]:
    with service() as products, proxy(orders_products=products.address) as between:
        yield products, between


@pytest.fixture
def products(running: tuple[Service, Proxy]) -> Service:
    running[0].asked.clear()
    running[0].connections.clear()
    return running[0]


@pytest.fixture
def link(running: tuple[Service, Proxy]) -> Address:
    return running[1].links["orders:products"]


@pytest.fixture
def client(link: Address) -> Iterator[Client]:
    client = Client(link)
    yield client
    client.close()


def test_a_request_and_its_answer_pass_untouched(products: Service, client: Client) -> None:
    status, headers, body = client.ask(
        "POST", "/orders?limit=2", b'{"a": 1}', X_ODD_Case="As Is", Authorization="Bearer x"
    )

    assert (status, body) == (201, b'{"a": 1}')
    assert ("X-Mixed-Case", "Kept") in headers.items()
    [(method, path, sent, received)] = products.asked
    assert (method, path, received) == ("POST", "/orders?limit=2", b'{"a": 1}')
    assert [name for name, _ in sent] == ["Host", "Accept-Encoding", "Content-Length", "X-ODD-Case", "Authorization"]


def test_many_requests_share_one_connection_on_both_sides(products: Service, client: Client) -> None:
    for _ in range(20):
        assert client.ask("GET", "/products/cup")[0] == 201

    assert len(products.asked) == 20
    assert len(products.connections) == 1


def test_large_bodies_pass_both_ways(products: Service, client: Client) -> None:
    for _ in range(3):
        assert client.ask("POST", "/large", MEGABYTE)[2] == MEGABYTE

    assert len(products.connections) == 1


def test_chunked_bodies_pass_both_ways(products: Service, client: Client) -> None:
    pieces = (MEGABYTE[start : start + 70_000] for start in range(0, len(MEGABYTE), 70_000))

    client.connection.request("POST", "/chunked", pieces, {}, encode_chunked=True)

    answer = client.connection.getresponse()
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.read() == MEGABYTE
    assert client.ask("GET", "/after")[0] == 201


def test_an_answer_that_ends_with_its_connection_comes_whole(products: Service, client: Client) -> None:
    status, headers, body = client.ask("GET", "/until-close")

    assert (status, len(body), headers["Connection"]) == (200, 300_000, "close")


def test_an_answer_to_head_has_no_body(products: Service, client: Client) -> None:
    assert client.ask("HEAD", "/x")[2] == b""
    assert client.ask("GET", "/x")[2] == b"from the service"


def test_two_requests_sent_at_once_are_answered_each_for_itself(
    running: tuple[Service, Proxy], products: Service, link: Address
) -> None:
    one, two = b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with (
        running[1].faults.inject("status", "orders:products", code=503, paths="/one"),
        socket.create_connection((link.host, link.port), timeout=5) as client,
    ):
        client.sendall(one + two)
        answered = b"".join(iter(lambda: client.recv(65536), b""))

    assert [path for _, path, _, _ in products.asked] == ["/two"]
    assert answered.startswith(b"HTTP/1.1 503")
    assert answered.count(b"HTTP/1.1 201") == 1


def test_a_request_may_follow_in_the_last_piece_of_a_body(
    running: tuple[Service, Proxy], products: Service, link: Address
) -> None:
    with socket.create_connection((link.host, link.port), timeout=5) as client:
        client.sendall(b"POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf")
        time.sleep(0.05)
        client.sendall(b"halfGET /follows HTTP/1.1\r\nHost: x\r\n\r\n")
        answered = b""
        while answered.count(b"HTTP/1.1 201") < 2:
            answered += client.recv(65536)
        time.sleep(0.05)

    assert [(path, body) for _, path, _, body in products.asked] == [("/one", b"halfhalf"), ("/follows", b"")]
    assert len(running[1].faults.attempts(paths="/follows")) == 1


def test_a_request_that_comes_byte_by_byte_is_one_request(products: Service, link: Address) -> None:
    with socket.create_connection((link.host, link.port), timeout=5) as client:
        for byte in b"POST /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc":
            client.sendall(bytes([byte]))
            time.sleep(0.0005)
        answered = b"".join(iter(lambda: client.recv(65536), b""))

    assert answered.endswith(b"abc")
    assert len(products.asked) == 1


def test_a_hundred_connections_at_once_get_each_their_own_answer(products: Service, link: Address) -> None:
    def ask(number: int) -> bool:
        client, body = Client(link), f"{number}-".encode() * 1000
        try:
            return all(client.ask("POST", f"/{number}", body)[2] == body for _ in range(5))
        finally:
            client.close()

    with ThreadPoolExecutor(100) as pool:
        assert all(pool.map(ask, range(100)))
    assert len(products.asked) == 500


def test_what_is_not_http_passes_too() -> None:
    def talk(connection: socket.socket) -> None:
        assert connection.recv(100) == b"EHLO \x00 nonsense\r\n\r\n"
        connection.sendall(b"220 not http either\r\n")

    with raw_service(talk) as odd, proxy(orders_odd=odd) as between:
        link = between.links["orders:odd"]
        with socket.create_connection((link.host, link.port), timeout=5) as client:
            client.sendall(b"EHLO \x00 nonsense\r\n\r\n")
            assert client.recv(100) == b"220 not http either\r\n"
            assert client.recv(100) == b""


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ntoo short", b"HTTP/1.1 200 OK\r\nContent-", b"garbage", b""],
    ids=["cut body", "cut head", "garbage", "nothing"],
)
def test_a_broken_answer_arrives_as_broken_as_it_was(answer: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(answer)

    with raw_service(talk) as broken, proxy(orders_broken=broken) as between:
        link = between.links["orders:broken"]
        with socket.create_connection((link.host, link.port), timeout=5) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"".join(iter(lambda: client.recv(65536), b"")) == answer


def test_an_answer_before_the_end_of_the_request_is_not_lost() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with raw_service(talk) as strict, proxy(gateway_strict=strict) as between:
        link = between.links["gateway:strict"]
        with socket.create_connection((link.host, link.port), timeout=5) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
            select.select([client], [], [], 5)
            for _ in range(5):
                client.sendall(b"x" * 50_000)
                time.sleep(0.02)
            assert client.recv(65536).startswith(b"HTTP/1.1 413")


def test_a_service_may_answer_first_and_still_read_on() -> None:
    received: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        for length in (200_000, 0):
            while stream.readline().strip():
                pass
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            received.append(stream.read(length))

    with raw_service(talk) as eager, proxy(gateway_eager=eager) as between:
        client = between.links["gateway:eager"]
        with socket.create_connection((client.host, client.port), timeout=5) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
            connection.sendall(b"x" * 200_000 + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    assert received == [b"x" * 200_000, b""]


def test_a_service_that_is_gone_looks_gone_and_is_found_again() -> None:
    with service() as products:
        address = products.address
    with proxy(orders_products=address) as between:
        client = Client(between.links["orders:products"])
        assert not answers(client)
        with service(address.port):
            eventually(lambda: answers(client))


def answers(client: Client) -> bool:
    try:
        return client.ask()[0] == 201
    except ConnectionRefusedError:
        return False
    finally:
        client.close()


def test_an_idle_connection_ends_with_the_one_behind_it() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with raw_service(talk) as impatient, proxy(gateway_orders=impatient) as between:
        link = between.links["gateway:orders"]
        with socket.create_connection((link.host, link.port), timeout=5) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"".join(iter(lambda: client.recv(65536), b"")).endswith(b"ok")


def test_it_adds_little_time(products: Service, link: Address) -> None:
    """Asked straight and through it in turn, so that whatever else the machine does meets both."""
    with closing(Client(products.address)) as straight, closing(Client(link)) as through:

        def added() -> float:
            pairs = [(spent(time.perf_counter, straight), spent(time.perf_counter, through)) for _ in range(300)]
            return median(longer - shorter for shorter, longer in pairs) * 1000

        ms = min(added() for _ in range(5))

    assert ms < 1.0, f"{ms:.3f} ms; the goal is 0.5 ms"


@pytest.mark.skipif(not PROCESSES.exists(), reason="only Linux tells what another process has used")
def test_it_works_hardly_more_than_client_and_service_do(
    running: tuple[Service, Proxy], products: Service, link: Address
) -> None:
    """Processor time, which hardly grows where others want the processor, too."""
    with closing(Client(products.address)) as straight, closing(Client(link)) as through:
        worked = [
            (spent(time.process_time, straight, 200), spent(running[1].processor_seconds, through, 200))
            for _ in range(5)
        ]
    theirs, its = (sum(each) for each in zip(*worked, strict=True))

    assert its < 2.1 * theirs, f"{its:.2f} s on top of {theirs:.2f} s"


def spent(clock: Callable[[], float], client: Client, times: int = 1) -> float:
    begun = clock()
    for _ in range(times):
        client.ask("GET", "/products/cup", request_id="latency.L1.1-run")
    return clock() - begun


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_exit_0(ending: signal.Signals) -> None:
    with service() as products, proxy(orders_products=products.address) as between:
        client = Client(between.links["orders:products"])
        client.ask()

        assert between.end(ending) == 0, "it does not wait for the connection that is open"
        client.close()


def test_an_address_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = Address("127.0.0.1", taken.getsockname()[1])
        line = proxy_command([LinkPlan("orders:products", listen, ANY)])

        ended = subprocess.run(
            line, capture_output=True, text=True, cwd=ROOT, timeout=20, check=False, env=os.environ | {SECRET: KNOWN}
        )

    assert ended.returncode == 1
    assert str(listen.port) in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "text", ["orders:products", "=127.0.0.1:1=127.0.0.1:2", "a=b=c", "a=127.0.0.1:x=127.0.0.1:2", "a=h:1=h:70000"]
)
def test_a_link_that_cannot_be_read_is_wrong_usage(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        LinkPlan.parse(text)


@pytest.mark.parametrize("text", ["orders:users=[::1]:80=users:8000", "orders:store=[::1]:80=tcp:store:5432"])
def test_a_link_is_written_as_it_is_read(text: str) -> None:
    assert str(LinkPlan.parse(text)) == text


def test_where_no_http_passes_a_fault_is_shown_on_a_byte_of_our_own_and_meets_what_passes() -> None:
    def echo(connection: socket.socket) -> None:
        while data := connection.recv(100):
            connection.sendall(data)

    with raw_service(echo) as store, proxy(is_http=False, orders_store=store) as between:
        faults, link = between.faults, between.links["orders:store"]
        for fault in (
            faults.inject("latency", "orders:store", ms=50),
            faults.inject("reset", "orders:store"),
            faults.inject("blackhole", "orders:store"),
        ):
            with fault:
                faults.ask("orders:store", "any", 0.2)
                eventually(fault.confirmed)
        with socket.create_connection((link.host, link.port), timeout=5) as client:
            with faults.inject("latency", "orders:store", ms=200):
                begun = time.monotonic()
                client.sendall(b"not HTTP")
                assert client.recv(100) == b"not HTTP" and time.monotonic() - begun >= 0.2
            with faults.inject("reset", "orders:store"), pytest.raises(ConnectionResetError):
                client.sendall(b"again")
                client.recv(100)
        with (
            pytest.raises(OrderRefused, match="orders:store carries no HTTP: what passes there has no request ID"),
            faults.inject("reset", "orders:store", request_ids="one"),
        ):
            pass


STRANGERS = {
    "without the secret": ({}, 401),
    "with another secret": ({"Authorization": "Bearer guessed"}, 401),
    "from a page in a browser": ({"Authorization": f"Bearer {KNOWN}", "Origin": "http://elsewhere.test"}, 403),
    "by another name": ({"Authorization": f"Bearer {KNOWN}", "Host": "rebound.test"}, 403),
}


@pytest.mark.parametrize(("headers", "status"), STRANGERS.values(), ids=STRANGERS)
def test_its_control_does_nothing_for_a_stranger(headers: dict[str, str], status: int) -> None:
    with service() as products, proxy(orders_products=products.address) as running:
        control = http.client.HTTPConnection(running.control, timeout=5)
        with closing(control):
            control.request("DELETE", "/faults", headers=headers)
            assert control.getresponse().status == status


def test_it_does_not_start_without_a_secret() -> None:
    line = proxy_command([LinkPlan("orders:products", ANY, ANY)])
    ended = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, timeout=20, check=False)
    assert ended.returncode == 2 and f"{SECRET} is missing" in ended.stderr
