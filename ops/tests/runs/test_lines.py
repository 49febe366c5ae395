"""A run's log lines are read from its journal when the stack is long gone."""

from __future__ import annotations

from ops.journal.journal import log_lines
from ops.tests.runs.conftest import Maker
from ops.trace.spans import traced

LINE = {"ts": "2026-11-22T23:05:01.100Z", "level": "info", "event": "request", "path": "/orders", "durationMs": 8}


def test_only_the_lines_of_that_request(make: Maker) -> None:
    run = make("20261122-230501-k3f")
    first, second = run.ask(run.start(12, "One"), 1), run.ask(run.start(13, "Two"), 1)
    assert first != second
    found = list(log_lines(run.journal.path, first))
    assert [line["service"] for line in found] == ["gateway", "orders"]
    assert {line["replica"] for line in found} == {None}
    assert len(list(log_lines(run.journal.path, "orders.place_order.*"))) == 4
    assert list(log_lines(run.journal.path, "orders.place_order.L12.1")) == []


def test_a_damaged_line_hides_no_other(make: Maker) -> None:
    run = make("20261122-230501-k3f")
    request_id = run.ask(run.start(12, "One"), 1)
    with run.journal.path.open("a") as journal:
        journal.write(f'{{"event": "log", "requestId": "{request_id}", "li\n')
    assert len(list(log_lines(run.journal.path, request_id))) == 2


def test_what_stands_in_brackets_is_one_letter_of_several(make: Maker) -> None:
    run = make("20261122-230501-k3f")
    run.ask(run.start(12, "One"), 1)
    assert len(list(log_lines(run.journal.path, "*L1[123456789].*"))) == 2


def test_replicas_are_told_apart_so_that_a_trace_can_be_drawn(make: Maker) -> None:
    run = make("20261122-230501-k3f")
    for replica, span_id in (("orders.1", "a" * 16), ("orders.2", "b" * 16)):
        line = {
            **LINE,
            "traceId": "c" * 32,
            "spanId": span_id,
            "service": "orders",
            "requestId": "again-1",
            "method": "POST",
            "status": 201,
        }
        run.write("log", requestId="again-1", service="orders", replica=replica, line=line)
    trace = traced("again-1", log_lines(run.journal.path, "again-1"))
    assert sorted(request.replica or "" for request in trace.requests) == ["orders.1", "orders.2"]
