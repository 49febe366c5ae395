"""What `trace --otlp` writes is read here by OpenTelemetry's own protobuf classes."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from ops.tests.trace.lines import BEGAN, ID, fault, order, span_id, without_ids
from ops.trace.otlp import count, export
from ops.trace.spans import traced


def parsed(document: dict[str, Any]) -> list[tuple[str, Span]]:
    """Each span with the name of its service. OTLP has IDs in hex, where protobuf's own JSON has them in Base64."""
    plain = copy.deepcopy(document)
    for span in (span for found in plain["resourceSpans"] for scope in found["scopeSpans"] for span in scope["spans"]):
        for name in ("traceId", "spanId", "parentSpanId"):
            if name in span:
                span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    request = json_format.ParseDict(plain, ExportTraceServiceRequest())
    return [
        (found.resource.attributes[0].value.string_value, span)
        for found in request.resource_spans
        for scope in found.scope_spans
        for span in scope.spans
    ]


def attributes(span: Any) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_every_span_is_there_with_its_parent() -> None:
    spans = parsed(json.loads(json.dumps(export(traced(ID, order())))))
    assert {span.trace_id.hex() for _, span in spans} == {2 * span_id("t")}
    told = [(service, span.name, span.span_id.hex(), span.parent_span_id.hex()) for service, span in spans]
    assert told == [
        ("gateway", "POST /orders", span_id("tg"), ""),
        ("orders", "POST /orders", span_id("to"), span_id("tg")),
        ("orders", "GET /users/me", span_id("tu"), span_id("to")),
        ("orders", "GET /products/cup", span_id("tp1"), span_id("to")),
        ("orders", "GET /products/cup", span_id("tp2"), span_id("to")),
        ("users", "GET /users/me", span_id("tus"), span_id("tu")),
        ("products", "GET /products/cup", span_id("tps"), span_id("tp2")),
    ]


def test_times_are_nanoseconds_since_1970() -> None:
    gateway = parsed(export(traced(ID, order())))[0][1]
    assert gateway.start_time_unix_nano == BEGAN * 1_000_000
    assert gateway.end_time_unix_nano - gateway.start_time_unix_nano == 70_000_000


def test_kind_status_and_attributes() -> None:
    spans = [span for _, span in parsed(export(traced(ID, order())))]
    assert [span.kind for span in spans] == [
        *(Span.SPAN_KIND_SERVER, Span.SPAN_KIND_SERVER),
        *(Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_CLIENT),
        *(Span.SPAN_KIND_SERVER, Span.SPAN_KIND_SERVER),
    ]
    failed = [span.span_id.hex() for span in spans if span.status.code == Status.STATUS_CODE_ERROR]
    assert failed == [span_id("tp1")]
    assert attributes(spans[0]) == {
        "http.request.header.x-request-id": ID,
        "http.request.method": "POST",
        "url.path": "/orders",
        "http.response.status_code": 201,
        "upstream.address": "127.0.0.1:1",
        "upstream.status": "201",
    }
    assert attributes(spans[4])["peer.service"] == "products"
    assert attributes(spans[4])["http.request.resend_count"] == 1


def test_a_fault_is_an_event_of_the_attempt_that_met_it() -> None:
    spans = [span for _, span in parsed(export(traced(ID, [*order(), fault(8, "t:p1>", code=503)])))]
    (event,) = spans[3].events
    assert (event.name, attributes(event)["kind"], attributes(event)["code"]) == ("fault", "status", 503)


def test_what_has_no_trace_is_no_span() -> None:
    assert count(export(traced(ID, without_ids(order())))) == 0
