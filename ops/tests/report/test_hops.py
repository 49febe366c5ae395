"""One request's way as rows, from the log lines of a real run."""

from ops.journal.record import Record
from ops.report.hops import hops
from ops.tests.report.runs import PLANTED
from ops.tests.trace.lines import BEGAN, ID, fault, order


def test_the_rows_follow_the_request_from_service_to_service() -> None:
    story = Record.read(PLANTED)
    one = next(one for one in story.scenarios if one.id.endswith("peers_that_fail.feature:19"))
    asked = next(asked for asked in one.last.requests if asked.status == 503)

    rows = hops(asked.request_id, story.logs[asked.request_id], asked.at)

    assert [(depth, service, what, status) for depth, service, what, _, status, *_ in rows] == [
        (0, "gateway", "POST /orders", 503),
        (1, "orders", "POST /orders", 503),
        (2, "users", "GET /users/me", 200),
        (2, "products", "", 503),
    ]
    assert all(-2 <= start <= asked.ms for *_, start, _, _ in rows)
    assert rows[1][-1] == "products-unavailable answered 503"
    assert rows[-1][-1] == "never arrived"


def test_attempts_are_numbered_where_there_was_more_than_one() -> None:
    rows = hops(ID, order(), BEGAN / 1000)

    assert [(service, attempt, status) for _, service, _, attempt, status, *_ in rows] == [
        ("gateway", 0, 201),
        ("orders", 0, 201),
        ("users", 0, 200),
        ("products", 1, 503),
        ("products", 2, 200),
    ]


def test_the_attempt_that_met_a_fault_says_so() -> None:
    rows = hops(ID, [*order(), fault(8, "t:p1>", code=503), fault(60, "t:p2>", kind="latency", ms=40)], BEGAN / 1000)

    assert [note for *_, note in rows[-2:]] == [
        "fault: status code=503 on orders:products",
        "fault: latency ms=40 on orders:products",
    ]


def test_lines_without_a_time_make_no_rows() -> None:
    assert hops("x", [{"service": "orders", "event": "request", "ts": "…"}], 0.0) == []
