"""The gateway sends a request again only where it cannot have run, or is a read."""

import pytest

from ops.checks.configuration import parse
from ops.checks.timeouts import READ
from ops.tests.gateway.echo import Services
from ops.tests.gateway.expectations import assert_problem, unique
from ops.tests.gateway.running import READ_TIMEOUT, Gateway
from ops.tests.shop import SOURCE

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
    waits = parse(SOURCE / "nginx.conf").seconds("auth_delay")
    assert configuration.seconds("worker_shutdown_timeout") > 4 * waits + 5
