"""What could not be sent to a service waits until it takes connections again; what was sent does not."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops.stacks import ports
from ops.tests.gateway.echo import echo
from ops.tests.gateway.expectations import assert_problem, unique
from ops.tests.gateway.running import FEW, READ_TIMEOUT, SHORTENED, WAIT, Absent, rendered, running
from ops.tests.shop import SERVICES

pytestmark = pytest.mark.whole


@pytest.fixture
def absent(tmp_path: Path) -> Iterator[Absent]:
    (port,) = ports.free(1)
    gateway = rendered(tmp_path, Absent.upstreams(port))
    with running(gateway):
        yield Absent(gateway, port)


def test_it_is_sent_once_when_the_service_is_back(absent: Absent) -> None:
    wanted = [(method, f"/{service}?{unique()}") for service in SERVICES for method in ("GET", "POST", "PATCH")]
    with ThreadPoolExecutor(len(wanted)) as pool:
        asked = [pool.submit(absent.gateway.ask, method, path, body=b'{"a": 1}') for method, path in wanted]
        time.sleep(1.5 * WAIT)
        with echo("all", absent.port, keep=False) as service:
            answers = [one.result() for one in asked]
            assert [service.asked[path] for _, path in wanted] == [1] * len(wanted)
    came = [answer.json() for answer in answers]
    assert [(answer.status, one["bodySize"]) for answer, one in zip(answers, came, strict=True)] == [(200, 8)] * 9
    assert [(one["method"], one["path"]) for one in came] == wanted


def test_a_service_that_stays_away_is_waited_for_four_times(absent: Absent) -> None:
    begun, request_id = time.monotonic(), unique()
    assert_problem(absent.gateway.ask("POST", "/orders", f"X-Request-ID: {request_id}", body=b"{}"), 502, "bad-gateway")
    assert time.monotonic() - begun >= 4 * WAIT
    assert absent.gateway.logged(request_id)["upstreamStatus"] == " : ".join(["502"] * 5)
    assert b"uninitialized" not in absent.gateway.log("error.log")


def test_what_was_sent_does_not_wait(absent: Absent) -> None:
    with echo("all", absent.port, keep=False) as service:
        for fault, status, code in (
            ("hangup=1", 502, "bad-gateway"),
            (f"sleep={2 * READ_TIMEOUT}", 504, "gateway-timeout"),
        ):
            path = f"/orders?{fault}&{unique()}"
            assert_problem(absent.gateway.ask("POST", path, body=b"{}"), status, code)
            assert service.asked[path] == 1


def test_most_of_many_are_refused_at_once_and_take_no_place_from_another_service(absent: Absent) -> None:
    def ask(path: str) -> float:
        begun = time.monotonic()
        assert_problem(absent.gateway.ask("GET", path), 502, "bad-gateway")
        return time.monotonic() - begun

    with ThreadPoolExecutor(31) as pool:
        *times, of_another = pool.map(ask, ["/orders"] * 30 + ["/users"])
    waited = [seconds for seconds in times if seconds >= 4 * WAIT]
    assert FEW + 1 <= len(waited) <= FEW + 4 and of_another >= 4 * WAIT


@pytest.mark.parametrize("path", ["/users/login", "/users/register"])
def test_so_are_most_of_many_with_a_password_from_as_many_addresses(path: str, tmp_path: Path) -> None:
    """nginx counts a request once, and these it has counted by their address already."""

    def ask(number: int) -> tuple[int, bool]:
        begun = time.monotonic()
        answer = gateway.ask("POST", path, body=b"{}", source=f"127.0.1.{number}")
        return answer.status, time.monotonic() - begun >= 4 * WAIT

    waits = {**SHORTENED, "waiting burst=200 nodelay": f"waiting burst={FEW} nodelay"}
    (port,) = ports.free(1)
    with running(rendered(tmp_path, Absent.upstreams(port), waits)) as gateway, ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(ask, range(1, 31)))
    assert set(answers) == {(502, True), (429, False)}
    assert FEW + 1 <= answers.count((502, True)) <= FEW + 4
