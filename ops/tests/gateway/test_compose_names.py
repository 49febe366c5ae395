"""The repository's own stack/, as Compose uses it: services by name, which come late and move, connections kept."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.gateway.nginx import STREAM
from ops.stacks import ports
from ops.tests.gateway.echo import Echo, echo
from ops.tests.gateway.expectations import assert_problem, unique
from ops.tests.gateway.name_server import NameServer, name_server
from ops.tests.gateway.running import WAIT, Gateway, rendered, running
from ops.tests.shop import SERVICES, SOURCE
from ops.tests.waiting import eventually

NOWHERE = dict.fromkeys(SERVICES, ["127.0.0.1:1"])
AT_FIRST, LATER = "127.0.0.2", "127.0.0.3"

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(sys.platform != "linux", reason="needs all of 127.0.0.0/8, as Linux has it"),
    pytest.mark.skipif(not STREAM.exists(), reason=f"needs nginx's {STREAM.name}"),
]


def test_a_service_may_be_absent_and_may_move(tmp_path: Path) -> None:
    """Its records say ten minutes, the gateway asks every second."""
    (port,) = ports.free(1)
    with name_server() as names, running(_composed(tmp_path, names, port)) as gateway:
        names.addresses["orders"] = AT_FIRST
        with echo("orders", port, host=AT_FIRST):
            assert gateway.ask("GET", "/orders").status == 200, "the others may not exist yet"
            assert_problem(gateway.ask("GET", "/users/me"), 502, "bad-gateway")
        names.addresses["orders"] = LATER
        with echo("orders", port, host=LATER):
            eventually(lambda: gateway.ask("GET", "/orders").status == 200, within=20)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("meanwhile", ["refuses", "has no name"])
def test_what_could_not_be_sent_waits_for_a_service_that_comes_back(
    tmp_path: Path, method: str, meanwhile: str
) -> None:
    (port,) = ports.free(1)
    with name_server() as names, running(_composed(tmp_path, names, port)) as gateway, ThreadPoolExecutor() as pool:
        if meanwhile == "refuses":
            names.addresses["orders"] = AT_FIRST
        path = f"/orders?{unique()}"
        asked = pool.submit(gateway.ask, method, path, body=b"{}")
        time.sleep(WAIT)
        names.addresses["orders"] = LATER
        with echo("orders", port, host=LATER) as orders:
            assert (asked.result().status, orders.asked[path]) == (200, 1)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_service_without_a_name_is_waited_for_four_times(tmp_path: Path, method: str) -> None:
    (port,) = ports.free(1)
    with name_server() as names, running(_composed(tmp_path, names, port)) as gateway:
        begun = time.monotonic()
        assert_problem(gateway.ask(method, "/orders", body=b"{}"), 502, "bad-gateway")
        assert 4 * WAIT <= time.monotonic() - begun < 3 * 4 * WAIT


def test_one_connection_serves_one_request_after_the_other(tmp_path: Path) -> None:
    with _orders(tmp_path) as (gateway, _, _):
        eventually(lambda: _connection(gateway) == _connection(gateway), within=10)


def test_a_connection_that_nobody_uses_is_not_kept(tmp_path: Path) -> None:
    """Its network may be gone, of which it shows nothing."""
    with _orders(tmp_path) as (gateway, _, _):
        first = _connection(gateway)
        time.sleep(0.3)
        assert _connection(gateway) != first


def test_a_connection_is_kept_for_a_second_however_often_it_is_used(tmp_path: Path) -> None:
    """One that is used without end would never notice that its name has another address, or one more."""
    with _orders(tmp_path) as (gateway, names, orders), echo("orders", orders.port, host=LATER) as moved:
        _connection(gateway)
        names.addresses["orders"] = LATER
        path, started = f"/orders?{unique()}", time.monotonic()
        while not moved.asked[path] and time.monotonic() - started < 15:
            assert gateway.ask("POST", path, body=b"{}").status == 200
            time.sleep(0.02)  # nginx lets a connection go after a thousand requests as well
        assert time.monotonic() - started < 15, "well before a thousand requests"


def test_what_may_have_run_is_not_sent_again_over_a_kept_connection_or_a_new_one(tmp_path: Path) -> None:
    with _orders(tmp_path) as (gateway, _, orders):
        for kept in (True, False):
            path = f"/orders?hangup=1&{unique()}"
            if kept:
                _connection(gateway)
            assert_problem(gateway.ask("POST", path, body=b"{}"), 502, "bad-gateway")
            assert orders.asked[path] == 1


def test_a_read_is_sent_again_once_the_connection_kept_for_it_has_ended(tmp_path: Path) -> None:
    with _orders(tmp_path) as (gateway, _, orders):

        def asked() -> int:
            _connection(gateway)
            path = f"/orders?hangup=1&{unique()}"
            assert_problem(gateway.ask("GET", path), 502, "bad-gateway")
            return orders.asked[path]

        eventually(lambda: asked() == 3)  # on a busy machine the connection may be gone before it is used again


@pytest.mark.parametrize("asked_to", [signal.SIGQUIT, signal.SIGHUP])
def test_what_is_under_way_is_answered_when_the_gateway_ends_or_reloads(tmp_path: Path, asked_to: int) -> None:
    with _orders(tmp_path) as (gateway, _, orders), ThreadPoolExecutor() as pool:
        path = f"/orders?sleep=0.8&{unique()}"
        answers = [pool.submit(gateway.ask, "POST", path, body=b"{}") for _ in range(3)]
        eventually(lambda: orders.asked[path] == 3)
        os.kill(int((gateway.prefix / "nginx.pid").read_text()), asked_to)
        assert [answer.result().status for answer in answers] == [200] * 3


@contextmanager
def _orders(prefix: Path) -> Iterator[tuple[Gateway, NameServer, Echo]]:
    """A gateway that finds orders, and nobody else."""
    (port,) = ports.free(1)
    with name_server() as names, running(_composed(prefix, names, port)) as gateway:
        names.addresses["orders"] = AT_FIRST
        with echo("orders", port, host=AT_FIRST) as orders:
            yield gateway, names, orders


def _connection(gateway: Gateway) -> int:
    """The port from which orders was asked."""
    answer = gateway.ask("GET", "/orders")
    assert answer.status == 200
    return int(answer.json()["connection"])


def _composed(prefix: Path, names: NameServer, port: int) -> Gateway:
    """Compose's way to find services, with Docker's name server and the services' port replaced."""
    gateway = rendered(prefix, NOWHERE)
    for name in ("main.conf", "http.conf"):
        text = (SOURCE / "stack" / name).read_text()
        text = text.replace("127.0.0.11", f"127.0.0.1:{names.port}").replace(":8000", f":{port}")
        text = text.replace("/dev/stdout", "logs/access.log").replace("/dev/stderr", "logs/error.log")
        (prefix / "stack" / name).write_text(text)
    conf = prefix / "nginx.conf"  # each worker asks for itself
    conf.write_text(conf.read_text().replace("worker_processes 2;", "worker_processes 1;"))
    return gateway
