"""The parts of the proxy that need no socket."""

import asyncio
from contextlib import closing

import pytest

from ops.faults.proxy.addresses import LinkPlan
from ops.faults.proxy.answers import Status
from ops.faults.proxy.attempts import Attempts, Filter
from ops.faults.proxy.control import Control
from ops.faults.proxy.fault_table import MOST, FaultTable
from ops.faults.proxy.server import Server


def test_the_memory_of_attempts_is_bounded() -> None:
    attempts = Attempts(remembered=10)
    for number in range(25):
        attempts.begin("orders:users", f"id-{number}", "GET", "/")

    assert [attempt.request_id for attempt in attempts.found(Filter())] == [f"id-{number}" for number in range(15, 25)]
    assert [attempt.number for attempt in attempts.found(Filter(), since=23)] == [24, 25]


def test_a_fault_ends_with_its_time() -> None:
    now = [100.0]
    book, attempts = FaultTable(clock=lambda: now[0]), Attempts()
    fault = book.add(Filter("a:b"), Status(503), times=None, seconds=5)
    taken = book.take(attempts.begin("a:b", "", "GET", "/"))
    assert taken is not None
    assert taken[0] == Status(503)
    assert not taken[1].over.is_set()
    now[0] = 101.5
    assert fault.as_json(now[0])["seconds"] == 3.5, "what is left, so that it can go on elsewhere"

    now[0] = 105.0

    assert book.take(attempts.begin("a:b", "", "GET", "/")) is None
    assert book.get(fault.id) is None
    assert taken[1].over.is_set()


def test_the_number_of_faults_is_bounded() -> None:
    book = FaultTable()
    for _ in range(MOST):
        book.add(Filter("a:b"), Status(503), times=None)

    with pytest.raises(ValueError, match="1000 faults in force already"):
        book.add(Filter("a:b"), Status(503), times=None)


def test_what_is_remembered_of_a_request_is_bounded() -> None:
    attempt = Attempts().begin("a:b", "i" * 100_000, "M" * 100_000, "/" * 100_000)

    assert (len(attempt.request_id), len(attempt.method), len(attempt.path)) == (1000, 1000, 1000)


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/healthz", b"", 200),
        ("GET", "/faults/f1", b"", 404),
        ("PUT", "/faults", b"", 404),
        ("GET", "/", b"", 404),
        ("DELETE", "/faults/f9", b"", 404),
        ("POST", "/faults", b"not json", 422),
        ("POST", "/faults", b"[1]", 422),
        ("POST", "/faults", b"\xff", 422),
        ("POST", "/faults", b'{"kind": "status", "code": 503}', 422),
        ("POST", "/faults", b'{"kind": "status", "code": 503, "link": "a:b", "seconds": true}', 422),
        ("GET", "/attempts?since=x", b"", 422),
        ("POST", "/faults", b'{"kind": "status", "code": 503, "link": "a:b", "times": null}', 201),
    ],
)
def test_the_control_address_answers_everything(method: str, target: str, body: bytes, status: int) -> None:
    async def answer() -> int:
        with closing(Server([LinkPlan.parse("a:b=127.0.0.1:0=127.0.0.1:1")])) as server:
            return (await Control(server).answer(method, target, body))[0]

    assert asyncio.run(answer()) == status
