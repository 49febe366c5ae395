"""Traces from lines as the services, nginx and the fault proxy write them."""

from __future__ import annotations

import random

import pytest

from ops.tests.trace.lines import ID, access, at, call, fault, gateway, line, order, without_ids
from ops.trace.spans import Span, Trace, traced
from ops.trace.text import tree

TREE = [
    "t-one-00000001  POST /orders 201 in 70.0 ms, 2026-11-23T00:32:34.000Z",
    "gateway  POST /orders → 201  0.0 … 70.0 ms  (127.0.0.1:1)",
    "└─ orders  POST /orders → 201  0.4 … 70.0 ms",
    "   ├─ users  GET /users/me  attempt 1 → 200  5.1 ms (3.1 there)",
    "   └─ products  GET /products/cup",
    "      ├─ attempt 1 → 503  1.2 ms (no line of products: it never arrived)",
    "      └─ attempt 2 → 200  5.0 ms (3.2 there), 51.0 ms later",
]


def spans(trace: Trace) -> list[Span]:
    return [span for request in trace.requests for span in request.walk()]


def within(trace: Trace) -> list[list[str]]:
    """For each request the services that its way leads through."""
    return [[span.service for span in request.walk() if span.kind == "server"] for request in trace.requests]


def test_the_tree() -> None:
    assert tree(traced(ID, order())).splitlines() == TREE


def test_the_order_of_the_lines_does_not_matter() -> None:
    lines = order()
    for _ in range(20):
        random.Random(4).shuffle(lines)  # noqa: S311  # no secret
        assert tree(traced(ID, lines)).splitlines() == TREE


@pytest.mark.parametrize("service", ["orders", "users", "products"])
@pytest.mark.parametrize("minutes", [-3, 3, 200])
def test_a_clock_that_is_minutes_off_changes_no_relation_and_is_said(service: str, minutes: int) -> None:
    trace = traced(ID, order(skews={service: minutes * 60_000}))
    for span in spans(trace):
        assert all(span.start <= inner.start and inner.end <= span.end + 0.01 for inner in span.spans)
    lines = tree(trace).splitlines()
    assert f"its clock is {abs(minutes) * 60:.1f} s {'ahead' if minutes > 0 else 'behind'}" in "\n".join(lines)
    shape = [line.split("  ")[0].split(" →")[0] for line in lines]
    assert shape == [line.split("  ")[0].split(" →")[0] for line in TREE]


def test_clocks_that_differ_by_some_ms_are_not_worth_a_word() -> None:
    for skew in (-8, -3, 3, 8):
        assert "clock" not in tree(traced(ID, order(skews={"users": skew})))


def test_requests_of_one_id_are_told_apart_though_they_are_made_at_the_same_time() -> None:
    trace = traced(ID, [*order(), *order(1, "other"), *order(4000, "later")])
    assert [request.start for request in trace.requests] == sorted(request.start for request in trace.requests)
    assert within(trace) == [["gateway", "orders", "users", "products"]] * 3


def test_requests_of_one_id_in_one_trace_of_the_clients_are_told_apart() -> None:
    first = [gateway(9, 9, "GET /users", 200, span="t:client>g1"), access("users", 8, 7, "GET /users", 200, "t:g1>u1")]
    again = [
        gateway(29, 9, "GET /users", 200, span="t:client>g2"),
        access("users", 28, 7, "GET /users", 200, "t:g2>u2"),
    ]
    assert within(traced(ID, [*first, *again])) == [["gateway", "users"]] * 2


def test_a_fault_is_named_at_the_attempt_that_met_it() -> None:
    lines = [*order(), fault(8, "t:p1>", code=503)]
    assert tree(traced(ID, lines)).splitlines()[5] == (
        "      ├─ attempt 1 → 503  1.2 ms (fault: status code=503 on orders:products)"
    )


def test_a_fault_that_lets_the_peer_answer_is_named_beside_its_line() -> None:
    lines = [*order(), fault(60, "t:p2>", kind="latency", ms=40)]
    assert "(3.2 there, fault: latency ms=40 on orders:products)" in tree(traced(ID, lines))


def test_a_fault_between_gateway_and_service_is_the_gateways() -> None:
    lines = [gateway(10, 10, "GET /users/me", 503), fault(5, "t:g>", "gateway:users", code=503)]
    assert tree(traced(ID, lines)).splitlines()[1:] == [
        "gateway  GET /users/me → 503  0.0 … 10.0 ms  (127.0.0.1:1)",
        "├─ upstream  GET /users/me  attempt 1 at 127.0.0.1:1 → 503  10.0 ms (no line of it: it never arrived)",
        "└─ ! fault: status code=503 on gateway:users",
    ]


def test_a_fault_whose_victim_has_no_line_is_not_lost() -> None:
    lines = [gateway(40, 40, "POST /orders", 502), fault(8, "t:p1>", code=503)]
    assert tree(traced(ID, lines)).splitlines()[-1].endswith("! fault: status code=503 on orders:products")


def test_two_lines_that_claim_one_span_are_both_shown() -> None:
    lines = [access("shop", 9, 9, "GET /", 200, "t:>a"), access("stock", 8, 5, "GET /stock", 200, "t:>a")]
    assert "path=/" in tree(traced(ID, lines)).splitlines()[-1]


def test_what_the_peer_did_after_its_caller_had_given_up() -> None:
    lines = [
        gateway(1010, 1010, "POST /orders", 503),
        call(1005, 1000.4, "products", None, "t:o>p", error="hung-up"),
        line("orders", 1006, "problem", "t:g>o", "warning", code="products-timeout", status=503, detail="hung-up"),
        access("orders", 1008, 1007.0, "POST /orders", 503, "t:g>o"),
        access("products", 1508, 3.0, "GET /products/cup", 200, "t:p>ps"),
    ]
    assert tree(traced(ID, lines)).splitlines()[2:] == [
        "└─ orders  POST /orders → 503  1.0 … 1008.0 ms",
        "   ├─ products  GET /products/cup  attempt 1 → no answer, hung-up  1000.4 ms "
        "(200 in 3.0 there, begun after its caller had given up)",
        "   └─ ! warning problem code=products-timeout status=503 detail=hung-up",
    ]


def test_what_a_service_did_after_the_gateway_had_given_up() -> None:
    lines = [
        gateway(5001, 5001, "POST /orders", 504),
        line("orders", 9003, "problem", "t:g>o", "warning", code="unavailable", status=503, detail="waited too long"),
        access("orders", 9004, 2.0, "POST /orders", 503, "t:g>o"),
    ]
    assert tree(traced(ID, lines)).splitlines()[1:] == [
        "gateway  POST /orders → 504  0.0 … 5001.0 ms  (127.0.0.1:1)",
        "└─ orders  POST /orders → 503  9002.0 … 9004.0 ms, begun after its caller had given up",
        "   └─ ! warning problem code=unavailable status=503 detail=waited too long",
    ]


def test_it_is_not_claimed_that_what_may_have_arrived_did_not() -> None:
    def words(error: str) -> str:
        lines = [
            call(5, 3.0, "products", None, "t:o>p", error=error),
            access("orders", 8, 7.0, "POST /orders", 503, "t:>o"),
        ]
        return tree(traced(ID, lines))

    assert "it never arrived)" in words("not-connected")
    assert "it never arrived, or was not finished there)" in words("no-answer-in-time")


def test_a_service_that_was_killed_has_no_access_line() -> None:
    cut = [
        gateway(40, 40, "POST /orders", 502),
        call(7, 5.1, "users", 200, "t:o>u"),
        access("users", 6, 3.1, "GET /users/me", 200, "t:u>us"),
        call(9, 1.2, "products", 503, "t:o>p"),
    ]
    trace = traced(ID, cut)
    assert within(trace) == [["gateway", "orders", "users"]]
    assert not trace.is_complete
    assert "└─ orders  no access line" in tree(trace)


def test_a_call_whose_caller_was_killed_before_it_had_a_line() -> None:
    lines = [gateway(40, 40, "POST /orders", 502), access("users", 6, 3.1, "GET /users/me", 200, "t:u>us")]
    assert tree(traced(ID, lines)).splitlines()[2:] == [
        "├─ upstream  POST /orders  attempt 1 at 127.0.0.1:1 → 502  40.0 ms "
        "(no line of it: it never arrived, or was not finished there)",
        "└─ users  GET /users/me → 200  2.9 … 6.0 ms, no log line of its caller",
    ]


def test_a_request_that_a_service_cut_off_in_its_drain() -> None:
    cut = line("orders", 900, "cut", "t:g>o", "error", graceSeconds=8.0)
    assert tree(traced(ID, [cut, gateway(901, 900, "POST /orders", 502)])).splitlines()[2:] == [
        "└─ orders  no access line: not done, or it ended before it was  899.0 … 899.0 ms",
        "   └─ ! error cut graceSeconds=8.0",
    ]


def test_a_service_asked_past_the_gateway_stands_by_itself() -> None:
    lines = tree(traced(ID, [access("users", 5, 2.0, "GET /users/me", 200, "t:>u")])).splitlines()
    assert lines[1:] == ["users  GET /users/me → 200  0.0 … 2.0 ms"]


def test_while_the_gateway_is_not_done_it_is_said_that_its_line_is_missing() -> None:
    lines = tree(traced(ID, [access("users", 5, 2.0, "GET /users/me", 200, "t:g>u")])).splitlines()
    assert lines[1] == "no log line of the caller: the request did not come through the gateway, or has not ended"


def test_what_the_gateway_answers_itself_asks_nobody() -> None:
    (request,) = traced(ID, [gateway(0, 0, "GET /nothing", 404, address="")]).requests
    assert request.spans == ()


def test_a_replica_that_refused_and_the_one_that_answered() -> None:
    lines = [
        gateway(12, 12, "GET /products", 200, "10.0.0.1:8000, 10.0.0.2:8000", "502, 200") | {"upstreamMs": 8},
        access("products", 12, 7.5, "GET /products", 200, "t:g>p") | {"replica": "products.2"},
    ]
    assert tree(traced(ID, lines)).splitlines()[1:] == [
        "gateway  GET /products → 200  0.0 … 12.0 ms  (10.0.0.1:8000, 10.0.0.2:8000)",
        "└─ products  GET /products",
        "   ├─ attempt 1 at 10.0.0.1:8000 → 502 (no line of it: it never arrived, or was not finished there)",
        "   └─ attempt 2 at 10.0.0.2:8000 → 200  8.0 ms (7.5 in products.2)",
    ]


def test_a_replica_that_was_killed_and_the_one_that_answered() -> None:
    lines = [
        gateway(12, 12, "GET /orders", 200, "10.0.0.1:8000, 10.0.0.2:8000", "502, 200") | {"upstreamMs": 8},
        call(3, 1, "users", 200, "t:killed>u") | {"replica": "orders.1"},
        access("orders", 12, 7.5, "GET /orders", 200, "t:g>o") | {"replica": "orders.2"},
    ]
    assert tree(traced(ID, lines)).splitlines()[3:5] == [
        "   ├─ attempt 1 at 10.0.0.1:8000 → 502 (orders.1 did not finish it)",
        "   │  └─ users  attempt 1 → 200  1.0 ms (no line of users: it never arrived)",
    ]


def test_a_system_whose_services_pass_the_trace_on_and_make_no_client_spans() -> None:
    lines = [access("shop", 9, 9, "GET /", 200, "t:>a"), access("stock", 8, 5, "GET /stock", 200, "t:a>b")]
    assert tree(traced(ID, lines)).splitlines()[1:] == [
        "shop  GET / → 200  0.0 … 9.0 ms",
        "└─ stock  GET /stock → 200  3.0 … 8.0 ms",
    ]


def test_lines_without_a_trace_come_by_their_times_and_that_is_said_once() -> None:
    lines = tree(traced(ID, without_ids(order()))).splitlines()
    assert lines[0] == "no line has a traceId: by their times, as who asked whom is unknown"
    assert [line.split("  ")[1] for line in lines[1:]] == [
        *("users", "orders", "orders", "products", "orders", "gateway", "orders")
    ]
    assert sum("traceId" in line for line in lines) == 1


def test_lines_without_a_trace_beside_those_of_one() -> None:
    odd = next(without_ids([line("billing", 30, "charged", cents=5)]))
    lines = tree(traced(ID, [*order(), odd])).splitlines()
    assert lines[: len(TREE)] == TREE
    assert lines[len(TREE) + 1] == "these lines have no traceId: by their times, as who asked whom is unknown"
    assert lines[-1].endswith("billing  info  charged  t-one-00000001  cents=5")


def test_a_traceback_is_told_by_its_last_line() -> None:
    failed = line("orders", 4, "internal-error", "t:>o", "error", exception="Traceback (most):\n  x\nKeyError: 'a'")
    text = tree(traced(ID, [failed, access("orders", 5, 4.0, "POST /orders", 500, "t:>o")]))
    assert text.splitlines()[-1] == "└─ ! error internal-error exception=KeyError: 'a'"


def test_any_lines_may_be_missing() -> None:
    chance = random.Random(4)  # noqa: S311  # no secret
    for _ in range(300):
        lines = [each for each in [*order(), *order(75, "other")] if chance.random() < 0.6]
        trace = traced(ID, lines)
        assert not lines or tree(trace, 80)
        told = [span.service for span in spans(trace) if span.kind == "server" and span.status]
        assert sorted(told) == sorted(str(each["service"]) for each in lines if each["event"] == "request")


def test_a_line_whose_time_cannot_be_read_is_left_out_and_counted() -> None:
    trace = traced(ID, [*order(), {**line("orders", 1, "note", "t:g>o"), "ts": "yesterday"}])
    assert (trace.undated, trace.document()["linesWithoutTime"]) == (1, 1)
    assert tree(trace).splitlines()[-1] == "1 line is left out: it has no time in RFC 3339"


def test_long_lines_are_broken_at_the_width_that_is_asked_for() -> None:
    wide = traced(ID, [*order(), line("orders", 69, "note", "t:g>o", words="quiet " * 40)])
    assert max(map(len, tree(wide, 80).splitlines())) <= 80
    assert tree(wide, 80).count("quiet") == tree(wide).count("quiet") == 40


def test_as_data() -> None:
    document = traced(ID, order()).document()
    assert document["requestId"] == ID
    (request,) = document["requests"]
    assert (request["began"], len(request["traceId"])) == (at(0), 32)
    (upstream,) = request["spans"]
    assert (upstream["kind"], upstream["peer"], upstream["address"]) == ("client", "orders", "127.0.0.1:1")
    (orders,) = upstream["spans"]
    assert (orders["service"], orders["status"], orders["durationMs"]) == ("orders", 201, 69.6)
    asked = [(each["peer"], each["path"], each["attempt"], each["status"]) for each in orders["spans"]]
    assert asked == [
        ("users", "/users/me", 1, 200),
        ("products", "/products/cup", 1, 503),
        ("products", "/products/cup", 2, 200),
    ]
    assert [len(each["spans"]) for each in orders["spans"]] == [1, 0, 1]
    assert {each["parentSpanId"] for each in orders["spans"]} == {orders["spanId"]}


def test_a_thousand_requests_with_one_id() -> None:
    lines = [each for number in range(1000) for each in order(number * 90, f"t{number}")]
    assert within(traced(ID, lines)) == [["gateway", "orders", "users", "products"]] * 1000
