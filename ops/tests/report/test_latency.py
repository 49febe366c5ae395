"""Distributions: right percentiles, faults left out, IDs folded into one route."""

from collections.abc import Sequence

from ops.journal.events import Event
from ops.journal.record import Record
from ops.report.latency import EDGES, by_route, by_service, spread
from ops.tests.journals import event, record
from ops.tests.report.runs import PLANTED

FAULT = event("fault")


def asked(path: str, ms: float, method: str = "GET", status: int | None = 200) -> Event:
    return event("request", method=method, url=f"http://127.0.0.1:8080{path}", ms=ms, status=status)


def told(*tries: Sequence[Event]) -> Record:
    """A scenario, tried so often."""
    return record(*(one for events in tries for one in (event("scenario-started"), *events)))


def test_percentiles_are_times_that_were_measured() -> None:
    found = spread("x", [float(ms) for ms in range(1, 101)])

    assert (found.count, found.p50, found.p90, found.p99, found.longest) == (100, 50, 90, 99, 100)
    assert spread("x", [1.0, 2.0, 3.0]).p90 == 3.0
    assert spread("x", [7.0]).p99 == 7.0


def test_each_time_is_in_the_column_that_it_fits_into() -> None:
    columns = spread("x", [0.1, 0.5, 0.6, 16_384.0, 99_999.0]).columns

    assert len(columns) == len(EDGES)
    assert (columns[0], columns[1], columns[-1]) == (2, 1, 2)


def test_what_takes_many_values_is_one_route() -> None:
    orders = [asked(f"/orders/{number}", 1) for number in range(5)]
    others = [asked("/users/me", 1), asked("/users/login", 1, "POST"), asked("/orders?limit=3", 1), asked("/", 1)]

    found = {one.name: one.count for one in by_route(told(orders + others))}

    assert found == {"GET /orders/{id}": 5, "GET /users/me": 1, "POST /users/login": 1, "GET /orders": 1, "GET /": 1}


def test_files_are_no_ids() -> None:
    files = [asked(f"/docs/{name}", 1) for name in ("index.html", "page.css", "page.js", "openapi.json", "missing")]

    assert {one.name for one in by_route(told(files))} == {
        "GET /docs/index.html",
        "GET /docs/page.css",
        "GET /docs/page.js",
        "GET /docs/openapi.json",
        "GET /docs/missing",
    }


def test_plain_bytes_ask_for_no_route() -> None:
    raw = event("request", url="http://127.0.0.1:8080", status=404, rawTarget="/users/./me")

    assert by_route(told([raw])) == []


def test_scenarios_with_faults_and_requests_without_an_answer_are_left_out() -> None:
    broken = [asked("/orders", 800), FAULT]
    plain = [asked("/orders", 3), asked("/orders", 9_000, status=None)]

    [found] = by_route(told(broken, plain))

    assert (found.count, found.longest) == (1, 3)


def test_services_are_told_by_their_access_lines() -> None:
    assert {one.name for one in by_service(Record.read(PLANTED))} >= {"gateway", "orders", "users"}


def test_in_a_run_with_faults_only_what_surely_met_none_is_counted() -> None:
    line = {"service": "orders", "event": "request", "durationMs": 5.0}
    lines = [event("log", requestId=one, service="orders", line=line) for one in ("x", "of nobody known")]
    asked_once = [asked("/orders", 3), *lines]
    assert [one.count for one in by_service(told(asked_once))] == [2]
    assert [one.count for one in by_service(told(asked_once, [FAULT]))] == [1]
