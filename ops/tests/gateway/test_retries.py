"""The gateway sends a request again only where it cannot have run, or is a read."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.checks.configuration import parse
from ops.checks.timeouts import READ
from ops.stacks import ports
from ops.tests.gateway.echo import Services, echo
from ops.tests.gateway.expectations import assert_problem, unique
from ops.tests.gateway.running import READ_TIMEOUT, SHORTENED, Gateway, rendered, running

pytestmark = pytest.mark.whole


def test_what_was_not_sent_goes_to_another_replica(gateway: Gateway) -> None:
    for _ in range(6):
        assert gateway.ask("POST", "/products", body=b"{}").status == 200, "one of two refuses connections"


def test_what_may_have_run_is_not_sent_again(gateway: Gateway, services: Services) -> None:
    for method, service in (("POST", "orders"), ("PATCH", "orders"), ("POST", "users")):
        gateway.ask("GET", f"/{service}")
        path = f"/{service}?hangup=1&{unique()}"
        assert_problem(gateway.ask(method, path, body=b"{}"), 502, "bad-gateway")
        assert services.asked(path) == 1, method
    failed = f"/orders?status=503&{unique()}"
    assert gateway.ask("GET", failed).status == 503
    assert services.asked(failed) == 1, "statuses are retried in one place, and it is not here"
    late = f"/orders?sleep={2 * READ_TIMEOUT}&{unique()}"
    assert_problem(gateway.ask("GET", late), 504, "gateway-timeout")
    assert services.asked(late) == 1, "a read timeout says nothing about what ran"


def test_a_read_that_was_cut_off_goes_to_another_replica(gateway: Gateway, services: Services) -> None:
    path = f"/orders?hangup=1&{unique()}"
    assert_problem(gateway.ask("GET", path), 502, "bad-gateway")
    assert services.asked(path) == 2, "of three"


def test_each_timeout_ends_before_the_one_around_it(gateway: Gateway) -> None:
    """Of the gateway alone; the tests' short read timeout fits no service."""
    configuration = parse(gateway.prefix / "nginx.conf")
    assert configuration.seconds("proxy_connect_timeout") == 0.3
    assert configuration.seconds(READ) and configuration.seconds("proxy_send_timeout")
    assert configuration.seconds("proxy_next_upstream_timeout")
    assert configuration.seconds("auth_delay") == WAIT
    assert configuration.seconds("worker_shutdown_timeout") > 4 * WAIT + 5


WAIT = 1.0
"""Seconds between two attempts to connect, of which there are five."""


@contextmanager
def alone(tmp_path: Path, port: int, waits: Mapping[str, str] = SHORTENED) -> Iterator[Gateway]:
    """A gateway whose services are all at that port, where nobody need be."""
    upstreams = {name: [f"127.0.0.1:{port}"] for name in ("users", "products", "orders")}
    with running(rendered(tmp_path, upstreams, waits)) as one:
        yield one


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_what_could_not_be_sent_waits_for_a_service_that_comes_back(tmp_path: Path, method: str) -> None:
    (port,) = ports.free(1)
    with alone(tmp_path, port) as gateway, ThreadPoolExecutor() as pool:
        begun = time.monotonic()
        path, request_id = f"/orders?{unique()}", unique()
        asked = pool.submit(gateway.ask, method, path, f"X-Request-ID: {request_id}", body=b'{"a": 1}')
        time.sleep(WAIT)
        with echo("orders", keep=False, port=port) as service:
            answer = asked.result()
            came = answer.json()
            assert (answer.status, came["method"], came["path"], came["bodySize"]) == (200, method, path, 8)
            assert service.asked[path] == 1
        assert WAIT < time.monotonic() - begun < 4 * WAIT
        assert gateway.logged(request_id)["upstreamStatus"].startswith("502 : ")
        assert gateway.logged(request_id)["upstreamStatus"].endswith(" : 200")


def test_a_service_that_stays_away_is_waited_for_four_times(tmp_path: Path) -> None:
    (port,) = ports.free(1)
    with alone(tmp_path, port) as gateway:
        begun, request_id = time.monotonic(), unique()
        answer = gateway.ask("POST", "/orders", f"X-Request-ID: {request_id}", body=b"{}")
        assert_problem(answer, 502, "bad-gateway")
        assert 4 * WAIT <= time.monotonic() - begun < 4 * WAIT + 0.5
        assert gateway.logged(request_id)["upstreamStatus"] == " : ".join(["502"] * 5)


def test_a_read_timeout_is_none_and_does_not_wait(gateway: Gateway) -> None:
    begun = time.monotonic()
    assert_problem(gateway.ask("GET", f"/users?sleep={2 * READ_TIMEOUT}"), 504, "gateway-timeout")
    assert time.monotonic() - begun < READ_TIMEOUT + WAIT


def test_of_many_that_would_wait_most_are_refused_at_once(tmp_path: Path) -> None:
    (port,) = ports.free(1)
    few = {"burst=400 nodelay": "burst=9 nodelay", "zone=waiting:1m rate=100r/s": "zone=waiting:1m rate=1r/s"}

    with alone(tmp_path, port, few) as gateway, ThreadPoolExecutor(30) as pool:

        def ask(number: int) -> float:
            begun = time.monotonic()
            assert_problem(gateway.ask("GET", "/users" if number == 29 else "/orders"), 502, "bad-gateway")
            return time.monotonic() - begun

        *times, of_another_service = pool.map(ask, range(30))
    assert sum(seconds > 4 * WAIT for seconds in times) == 10
    assert sum(seconds < WAIT for seconds in times) == 19
    assert of_another_service > 4 * WAIT


def test_where_to_wait_is_no_route(gateway: Gateway) -> None:
    assert_problem(gateway.ask("GET", "/wait"), 404, "not-found")
