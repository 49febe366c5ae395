"""Traces from lines as the services and nginx write them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ops.evidence.logs import LogLine
from ops.evidence.trace import Hop, Trace
from ops.evidence.trace_text import tree
from ops.evidence.tracing import traced

ID = "t-one-00000001"
BEGAN = datetime(2026, 11, 23, 0, 32, 34, tzinfo=UTC).timestamp() * 1000


def at(ms: float) -> str:
    moment = datetime.fromtimestamp((BEGAN + ms) / 1000, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def line(service: str, end: float, event: str, level: str = "info", **more: Any) -> LogLine:
    return {"ts": at(end), "level": level, "event": event, "service": service, "requestId": ID, **more}


def access(service: str, end: float, ms: float, asked: str, status: int, **more: Any) -> LogLine:
    method, path = asked.split()
    return line(service, end, "request", method=method, path=path, status=status, durationMs=ms, **more)


def gateway(end: float, ms: float, asked: str, status: int, address: str = "127.0.0.1:1", tried: str = "") -> LogLine:
    upstream = {"upstreamAddr": address, "upstreamStatus": tried or str(status), "upstreamMs": ms}
    return access("gateway", end, ms, asked, status, **upstream, client="127.0.0.1", userAgent="curl/7.88.1")


def call(end: float, ms: float, peer: str, status: int | None, attempt: int = 1, **more: Any) -> LogLine:
    level = "info" if status and status < 500 else "warning"
    known = {"peer": peer, "attempt": attempt, "peerStatus": status, "durationMs": ms}
    return line("orders", end, "peer-call", level, **known, **more)


def order(begun: float = 0, skew: float = 0) -> list[LogLine]:
    """An order whose first question for the product was answered 503 on the way; `skew`: the peers' clocks are off."""
    return [
        gateway(begun + 70, 70, "POST /orders", 201),
        call(begun + 7, 5.1, "users", 200),
        call(begun + 9, 1.2, "products", 503),
        call(begun + 65, 5.0, "products", 200, 2),
        access("orders", begun + 70, 69.6, "POST /orders", 201),
        access("users", begun + 6 + skew, 3.1, "GET /users/me", 200),
        access("products", begun + 64 + skew, 3.2, "GET /products/espresso-cup", 200),
    ]


def only(trace: Trace) -> Hop:
    assert len(trace.requests) == 1
    return trace.requests[0].hop


def orders_of(trace: Trace) -> Hop:
    (attempt,) = only(trace).calls[0].attempts
    assert attempt.hop
    return attempt.hop


def test_a_retry_is_one_call_of_two_attempts() -> None:
    users, products = orders_of(traced(ID, order())).calls
    assert [(each.number, each.status) for each in users.attempts] == [(1, 200)]
    assert [(each.number, each.status) for each in products.attempts] == [(1, 503), (2, 200)]
    assert products.asked == "GET /products/espresso-cup"
    never, answered = products.attempts
    assert never.hop is None
    assert never.surely_never_arrived
    assert answered.hop
    assert answered.hop.duration_ms == 3.2


def test_the_tree() -> None:
    assert tree(traced(ID, order())).splitlines() == [
        "t-one-00000001  POST /orders 201 in 70.0 ms, 2026-11-23T00:32:34.000Z",
        "gateway  POST /orders → 201  0.0 … 70.0 ms  (127.0.0.1:1)",
        "└─ orders  POST /orders → 201  0.4 … 70.0 ms",
        "   ├─ users  GET /users/me  attempt 1 → 200  5.1 ms (3.1 there)",
        "   └─ products  GET /products/espresso-cup",
        "      ├─ attempt 1 → 503  1.2 ms  (no line of products: it never arrived under this ID)",
        "      └─ attempt 2 → 200  5.0 ms (3.2 there), 51.0 ms later",
    ]


def test_the_order_of_the_logs_does_not_matter() -> None:
    expected = traced(ID, order())
    assert traced(ID, sorted(order(), key=lambda each: str(each["service"]))) == expected
    assert traced(ID, sorted(order(), key=lambda each: str(each["service"]), reverse=True)) == expected


def test_clocks_that_differ_by_some_ms_change_no_relation_and_put_no_answer_outside_its_question() -> None:
    for skew in (-8, -3, 3, 8):
        orders = orders_of(traced(ID, order(skew=skew)))
        for each in (attempt for asked in orders.calls for attempt in asked.attempts if attempt.hop):
            assert each.hop
            assert each.start_ms is not None
            assert each.duration_ms is not None
            assert each.start_ms <= each.hop.start_ms
            assert each.hop.start_ms + each.hop.duration_ms <= each.start_ms + each.duration_ms + 0.01


def test_lines_of_the_same_id_are_one_request_after_another() -> None:
    trace = traced(ID, [each for begun in (0, 75, 4000) for each in order(begun)])
    assert [request.began for request in trace.requests] == [at(0), at(75), at(4000)]
    assert tree(trace).count("attempt 2") == 3
    assert all(len(attempt.hop.calls) == 2 for attempt in gateways_attempts(trace) if attempt.hop)


def gateways_attempts(trace: Trace) -> list[Any]:
    return [attempt for request in trace.requests for asked in request.hop.calls for attempt in asked.attempts]


def test_a_replayed_order_asks_nobody() -> None:
    again = [gateway(103, 3, "POST /orders", 201), access("orders", 103, 2.2, "POST /orders", 201)]
    first, second = traced(ID, order() + again).requests
    assert (first.began, second.began) == (at(0), at(100))
    (attempt,) = second.hop.calls[0].attempts
    assert attempt.hop
    assert attempt.hop.calls == ()


def test_the_key_set_is_a_call_of_its_own() -> None:
    lines = [
        gateway(12, 12, "POST /orders", 201),
        call(3, 2.14, "users", 200),
        call(7, 2.37, "users", 200),
        access("orders", 12, 10.77, "POST /orders", 201),
        access("users", 2, 0.26, "GET /users/.well-known/jwks.json", 200),
        access("users", 7, 1.48, "GET /users/me", 200),
    ]
    asked = [each.asked for each in orders_of(traced(ID, lines)).calls]
    assert asked == ["GET /users/.well-known/jwks.json", "GET /users/me"]


def test_what_the_peer_did_after_its_caller_had_given_up() -> None:
    lines = [
        gateway(1010, 1010, "POST /orders", 503),
        call(1005, 1000.4, "products", None, error="hung-up"),
        line("orders", 1006, "problem", "warning", code="products-timeout", status=503, detail="hung-up"),
        access("orders", 1008, 1007.0, "POST /orders", 503),
        access("products", 1508, 3.0, "GET /products/cup", 200),
    ]
    assert tree(traced(ID, lines)).splitlines()[2:] == [
        "└─ orders  POST /orders → 503  1.0 … 1008.0 ms",
        "   ├─ products  GET /products/cup  attempt 1 → no answer, hung-up  1000.4 ms (200 in 3.0 there)",
        "   └─ ! warning problem code=products-timeout status=503 detail=hung-up",
    ]


def test_what_a_service_did_after_the_gateway_had_given_up_is_no_other_request() -> None:
    for status in (502, 504):
        lines = [
            gateway(5001, 5001, "POST /orders", status),
            line("orders", 9003, "problem", "warning", code="unavailable", status=503, detail="waited too long"),
            access("orders", 9004, 2.0, "POST /orders", 503),
        ]
        assert tree(traced(ID, lines)).splitlines()[1:] == [
            f"gateway  POST /orders → {status}  0.0 … 5001.0 ms  (127.0.0.1:1)",
            "└─ orders  POST /orders → 503  9002.0 … 9004.0 ms, begun after its caller had given up",
            "   └─ ! warning problem code=unavailable status=503 detail=waited too long",
        ]


def test_what_came_after_an_answer_of_the_services_own_is_another_request() -> None:
    lines = [gateway(10, 10, "POST /orders", 503), access("orders", 9004, 2.0, "POST /orders", 201)]
    assert len(traced(ID, lines).requests) == 2


def test_who_repeats_a_request_that_the_gateway_gave_up_gets_the_line_of_the_repetition() -> None:
    lines = [gateway(5001, 5001, "POST /orders", 504), *order(6000)]
    given_up, repeated = traced(ID, lines).requests
    assert [request.hop.calls[0].attempts[0].hop is None for request in (given_up, repeated)] == [True, False]


def test_of_two_requests_at_the_same_time_each_has_its_own_calls() -> None:
    slow = [call(4, 3.0, "users", 200), call(1005, 1000.0, "products", None, error="no-answer-in-time")]
    quick = [call(6, 3.0, "users", 200), call(15, 8.0, "products", 200)]
    lines = [
        gateway(1011, 1011, "POST /orders", 504),
        gateway(21, 19, "POST /orders", 201),
        *(slow[0], *quick, access("orders", 20, 18.0, "POST /orders", 201)),
        *(slow[1], access("orders", 1010, 1010.0, "POST /orders", 504)),
    ]
    assert [each.splitlines()[2:5] for each in tree(traced(ID, lines)).split("\n\n")] == [
        [
            "└─ orders  POST /orders → 504  0.0 … 1010.0 ms",
            "   ├─ users  attempt 1 → 200  3.0 ms  (no line of users: it never arrived under this ID)",
            "   └─ products  attempt 1 → no answer, no-answer-in-time  1000.0 ms  "
            "(no line of products: it never arrived, or was not finished there)",
        ],
        [
            "└─ orders  POST /orders → 201  0.0 … 18.0 ms",
            "   ├─ users  attempt 1 → 200  3.0 ms  (no line of users: it never arrived under this ID)",
            "   └─ products  attempt 1 → 200  8.0 ms  (no line of products: it never arrived under this ID)",
        ],
    ]


def test_two_requests_side_by_side_have_as_many_calls_each() -> None:
    lines = sorted([*order(), *order(1)], key=lambda each: str(each["ts"]))
    trace = traced(ID, lines)
    assert [len(attempt.hop.calls) for attempt in gateways_attempts(trace) if attempt.hop] == [2, 2]
    assert tree(trace).count("attempt 2") == 2


def test_a_question_on_a_kept_connection_that_ended_is_an_attempt_and_may_have_been_heard() -> None:
    lines = [
        call(5, 3.0, "products", None, error="kept-connection-closed"),
        call(60, 3.0, "products", 200, 2),
        access("orders", 62, 61.0, "POST /orders", 201),
        access("products", 4, 1.0, "GET /products/cup", 200),
        access("products", 59, 1.0, "GET /products/cup", 200),
    ]
    assert tree(traced(ID, lines)).splitlines()[3:] == [
        "└─ products  GET /products/cup",
        "   ├─ attempt 1 → no answer, kept-connection-closed  3.0 ms (200 in 1.0 there)",
        "   └─ attempt 2 → 200  3.0 ms (1.0 there), 52.0 ms later",
    ]


def test_it_is_not_claimed_that_what_may_have_arrived_did_not() -> None:
    def words(error: str) -> str:
        lines = [call(5, 3.0, "products", None, error=error), access("orders", 8, 7.0, "POST /orders", 503)]
        return tree(traced(ID, lines))

    assert "it never arrived)" in words("not-connected")
    assert "it never arrived, or was not finished there)" in words("no-answer-in-time")


def test_the_callers_line_alone_tells_what_was_asked_and_what_was_wrong_with_the_answer() -> None:
    lines = [
        call(5, 3.0, "products", 200, error="truncated", method="GET", path="/products/cup"),
        access("orders", 8, 7.0, "POST /orders", 502),
    ]
    assert tree(traced(ID, lines)).splitlines()[-1] == (
        "└─ products  GET /products/cup  attempt 1 → 200, truncated  3.0 ms"
        "  (no line of products: it never arrived under this ID)"
    )


def test_of_two_questions_at_the_same_time_each_takes_the_line_of_what_it_asked() -> None:
    lines = [
        call(9, 8.0, "users", 200, method="GET", path="/users/me"),
        call(9, 8.0, "users", 200, method="GET", path="/users/.well-known/jwks.json"),
        access("orders", 12, 10.0, "POST /orders", 201),
        access("users", 5, 4.0, "GET /users/.well-known/jwks.json", 200),
        access("users", 5, 4.0, "GET /users/me", 200),
    ]
    calls = only(traced(ID, lines)).calls
    assert [(one.asked, one.attempts[0].hop and one.attempts[0].hop.asked) for one in calls] == [
        ("GET /users/me", "GET /users/me"),
        ("GET /users/.well-known/jwks.json", "GET /users/.well-known/jwks.json"),
    ]


def test_an_attempt_takes_no_line_that_fits_another_one_better() -> None:
    lines = [
        call(3, 2.0, "users", 200),
        call(4, 0.9, "users", 503),
        call(60, 3.0, "users", 200, 2),
        access("orders", 70, 69.0, "POST /orders", 201),
        access("users", 6, 1.0, "GET /users/.well-known/jwks.json", 200),
        access("users", 63, 1.0, "GET /users/me", 200),
    ]
    keys, account = only(traced(ID, lines)).calls
    assert keys.asked == "GET /users/.well-known/jwks.json"
    assert account.asked == "GET /users/me"
    assert [attempt.hop is None for attempt in account.attempts] == [True, False]


def test_answers_that_took_long_on_their_way() -> None:
    lines = [
        call(1000, 1000.0, "users", 200),
        call(3000, 1999.0, "users", 200),
        access("orders", 3001, 3001.0, "POST /orders", 201),
        access("users", 999, 7.0, "GET /users/.well-known/jwks.json", 200),
        access("users", 1003, 1.0, "GET /users/me", 200),
    ]
    assert [each.asked for each in only(traced(ID, lines)).calls] == [
        "GET /users/.well-known/jwks.json",
        "GET /users/me",
    ]


def test_what_a_killed_service_did_is_not_put_down_to_a_later_request_of_its_id() -> None:
    cut = [gateway(40, 40, "POST /orders", 502), call(7, 5.1, "users", 200), call(9, 1.2, "products", 503)]
    killed, whole = (attempt.hop for attempt in gateways_attempts(traced(ID, [*cut, *order(4000)])))
    assert (killed.status, len(killed.calls)) == (None, 2)
    assert (whole.status, len(whole.calls)) == (201, 2)


def test_a_service_that_was_killed_has_no_access_line() -> None:
    cut = [gateway(40, 40, "POST /orders", 502), call(7, 5.1, "users", 200), call(9, 1.2, "products", 503)]
    trace = traced(ID, cut)
    orders = orders_of(trace)
    assert orders.status is None
    assert [each.peer for each in orders.calls] == ["users", "products"]
    assert not orders.is_complete
    assert "└─ orders  no access line" in tree(trace)


def test_an_id_that_a_service_cut_off_in_its_drain_is_told() -> None:
    cut = {**line("orders", 900, "cut", "error", cutRequestId=ID, graceSeconds=8.0), "requestId": None}
    assert "! error cut cutRequestId=t-one-00000001" in tree(traced(ID, [cut, gateway(901, 900, "POST /orders", 502)]))


def test_a_service_asked_past_the_gateway_stands_by_itself() -> None:
    text = tree(traced(ID, [access("users", 5, 2.0, "GET /users/me", 200)]))
    assert text.splitlines()[1:] == [
        "no line of the gateway: it was not asked, or is not done",
        "users  GET /users/me → 200  0.0 … 2.0 ms",
    ]


def test_what_the_gateway_answers_itself_asks_nobody() -> None:
    assert only(traced(ID, [gateway(0, 0, "GET /nothing", 404, address="")])).calls == ()


def test_a_replica_that_refused_and_the_one_that_answered() -> None:
    lines = [
        gateway(12, 12, "GET /products", 200, "10.0.0.1:8000, 10.0.0.2:8000", "502, 200") | {"upstreamMs": 8},
        access("products", 12, 7.5, "GET /products", 200) | {"replica": "products.2"},
    ]
    assert tree(traced(ID, lines)).splitlines()[1:] == [
        "gateway  GET /products → 200  0.0 … 12.0 ms  (10.0.0.1:8000, 10.0.0.2:8000)",
        "└─ products  GET /products",
        "   ├─ attempt 1 at 10.0.0.1:8000 → 502  (no line of products: it never arrived, or was not finished there)",
        "   └─ attempt 2 at 10.0.0.2:8000 → 200  8.0 ms (7.5 in products.2)",
    ]


def test_lines_of_two_replicas_are_not_mixed() -> None:
    def of(replica: str, lines: list[LogLine]) -> list[LogLine]:
        return [each | ({"replica": replica} if each["service"] == "orders" else {}) for each in lines]

    trace = traced(ID, of("orders.1", order()) + of("orders.2", order(5)))
    hops = [attempt.hop for attempt in gateways_attempts(trace)]
    assert [hop.replica for hop in hops] == ["orders.1", "orders.2"]
    assert [len(hop.calls) for hop in hops] == [2, 2]


def test_a_traceback_is_told_by_its_last_line() -> None:
    failed = line(
        "orders", 4, "internal-error", "error", exception="Traceback (most recent call last):\n  x\nKeyError: 'a'"
    )
    text = tree(traced(ID, [failed, access("orders", 5, 4.0, "POST /orders", 500)]))
    assert text.splitlines()[-1] == "└─ ! error internal-error exception=KeyError: 'a'"


def test_a_line_without_a_readable_time_is_passed_over() -> None:
    assert traced(ID, [*order(), line("users", 0, "odd") | {"ts": "yesterday"}]) == traced(ID, order())


def test_any_lines_may_be_missing() -> None:
    chance = random.Random(4)  # noqa: S311  # no secret
    for _ in range(300):
        lines = [each for each in order() + order(75) if chance.random() < 0.6]
        trace = traced(ID, lines)
        assert tree(trace, 80)
        told = [hop.service for request in trace.requests for hop in within(request.hop) if hop.status]
        assert sorted(told) == sorted(str(each["service"]) for each in lines if each["event"] == "request")


def within(hop: Hop) -> Iterator[Hop]:
    yield hop
    for inner in (attempt.hop for asked in hop.calls for attempt in asked.attempts):
        yield from within(inner) if inner else ()


def test_long_lines_are_broken_at_the_width_that_is_asked_for() -> None:
    wide = traced(ID, [*order(), line("orders", 69, "note", words="quiet " * 40)])
    assert max(map(len, tree(wide, 80).splitlines())) <= 80
    assert tree(wide, 80).count("quiet") == tree(wide).count("quiet") == 40


def test_as_data() -> None:
    document = traced(ID, order()).document()
    assert document["requestId"] == ID
    (request,) = document["requests"]
    orders = request["calls"][0]["attempts"][0]["hop"]
    assert (orders["service"], orders["status"], orders["durationMs"]) == ("orders", 201, 69.6)
    products = orders["calls"][1]
    assert (products["peer"], products["asked"]) == ("products", "GET /products/espresso-cup")
    assert [(each["attempt"], each["status"], each["hop"] is None) for each in products["attempts"]] == [
        (1, 503, True),
        (2, 200, False),
    ]


def test_thousands_of_requests_with_one_id_are_told_apart() -> None:
    lines = [each for number in range(2000) for each in order(number * 90)]
    trace = traced(ID, lines)
    assert len(trace.requests) == 2000
    assert all(len(attempt.hop.calls) == 2 for attempt in gateways_attempts(trace))
