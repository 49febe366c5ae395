"""W3C Trace Context: a well-formed traceparent is continued, any other replaced; the gateway is a span of the trace."""

import re

from ops.tests.gateway.expectations import seen, unique
from ops.tests.gateway.running import Gateway

SENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-01")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
MALFORMED = (
    f"01-{TRACE}-{SPAN}-01",
    f"ff-{TRACE}-{SPAN}-01",
    f"00-{'0' * 32}-{SPAN}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"00-{TRACE.upper()}-{SPAN}-01",
    f"00-{TRACE}-{SPAN.upper()}-01",
    f"00-{TRACE}a-{SPAN}-01",
    f"00-{TRACE}-{SPAN}a-01",
    f"00-{TRACE[1:]}-{SPAN}-01",
    f"00-{TRACE}-{SPAN[1:]}-01",
    f"00-{TRACE}-{SPAN}-01-more",
    f"00-{TRACE}-{SPAN}-0x",
    f"00-{TRACE}-{SPAN}",
    f"x00-{TRACE}-{SPAN}-01",
    "",
)


def sent(gateway: Gateway, *headers: str) -> tuple[str, str, dict[str, object]]:
    """Trace ID and span ID as the service got them, and the gateway's log line."""
    request_id = unique("trace")
    (traceparent,) = seen(gateway.ask("GET", "/users/me", f"X-Request-ID: {request_id}", *headers))["traceparent"]
    match = SENT.fullmatch(traceparent)
    assert match, traceparent
    return match[1], match[2], gateway.logged(request_id)


def test_a_request_without_a_traceparent_begins_a_trace(gateway: Gateway) -> None:
    first, second = sent(gateway), sent(gateway)
    for trace_id, span_id, line in (first, second):
        assert (line["traceId"], line["spanId"], line["parentSpanId"]) == (trace_id, span_id, "")
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_a_clients_traceparent_is_continued(gateway: Gateway) -> None:
    for flags in ("00", "01", "03"):
        trace_id, span_id, line = sent(gateway, f"traceparent: 00-{TRACE}-{SPAN}-{flags}")
        assert trace_id == TRACE
        assert span_id != SPAN
        assert (line["traceId"], line["spanId"], line["parentSpanId"]) == (TRACE, span_id, SPAN)


def test_no_malformed_traceparent_is_continued(gateway: Gateway) -> None:
    for malformed in MALFORMED:
        trace_id, _, line = sent(gateway, f"traceparent: {malformed}")
        assert trace_id not in malformed, malformed
        assert (line["traceId"], line["parentSpanId"]) == (trace_id, ""), malformed


def test_a_clients_tracestate_ends_at_the_gateway(gateway: Gateway) -> None:
    answer = gateway.ask("GET", "/users/me", f"traceparent: 00-{TRACE}-{SPAN}-01", "tracestate: vendor=1")
    assert "tracestate" not in seen(answer)


def test_a_request_that_is_not_passed_on_is_a_span_too(gateway: Gateway) -> None:
    request_id = unique("trace")
    gateway.ask("GET", "/nowhere", f"X-Request-ID: {request_id}")
    line = gateway.logged(request_id)
    assert re.fullmatch("[0-9a-f]{32}", str(line["traceId"]))
    assert re.fullmatch("[0-9a-f]{16}", str(line["spanId"]))
