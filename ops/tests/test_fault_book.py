"""The parts of the proxy that need no socket."""

import pytest

from ops.faults.attempts import Attempts, Filter
from ops.faults.book import Book
from ops.faults.control import Control
from ops.faults.kinds import Status


def test_the_memory_of_attempts_is_bounded() -> None:
    attempts = Attempts(remembered=10)
    for number in range(25):
        attempts.begin("orders:users", f"id-{number}", "GET", "/")

    assert [attempt.request_id for attempt in attempts.found(Filter())] == [f"id-{number}" for number in range(15, 25)]
    assert [attempt.number for attempt in attempts.found(Filter(), since=23)] == [24, 25]


def test_a_fault_ends_with_its_time() -> None:
    now = [100.0]
    book, attempts = Book(clock=lambda: now[0]), Attempts()
    fault = book.add(Filter("a:b"), Status(503), times=None, seconds=5)
    assert book.take(attempts.begin("a:b", "", "GET", "/")) == Status(503)

    now[0] = 105.0

    assert book.take(attempts.begin("a:b", "", "GET", "/")) is None
    assert book.remove(fault.id) is None


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
    control = Control(["a:b"], Book(), Attempts())

    assert control.answer(method, target, body)[0] == status
