"""Spans in OpenTelemetry's JSON encoding (OTLP 1.x, ExportTraceServiceRequest): for Jaeger and other tools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ops.trace.spans import Event, Span, Trace

_KINDS: Final = {"server": 2, "client": 3}
_ERROR: Final = 2


def export(trace: Trace) -> dict[str, Any]:
    """The request's spans by the service that made them, with their times as the tree shows them.

    nginx's upstreams have no IDs: they are attributes of the gateway's span.
    """
    by_service: dict[tuple[str, str | None], list[Span]] = defaultdict(list)
    for request in trace.requests:
        for span in request.walk():
            if span.span_id:
                by_service[span.service, span.replica].append(span)
    scope = {"name": "gateproof"}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({"service.name": service, "service.instance.id": replica})},
                "scopeSpans": [{"scope": scope, "spans": [_span(trace.request_id, span) for span in spans]}],
            }
            for (service, replica), spans in by_service.items()
        ]
    }


def count(document: Mapping[str, Any]) -> int:
    """How many spans are in an export."""
    return sum(len(scope["spans"]) for resource in document["resourceSpans"] for scope in resource["scopeSpans"])


def _span(request_id: str, span: Span) -> dict[str, Any]:
    is_failed = span.error or span.status is None or span.status >= (500 if span.kind == "server" else 400)
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        **({"parentSpanId": span.parent_span_id} if span.parent_span_id else {}),
        "name": span.asked or span.peer or span.service,
        "kind": _KINDS[span.kind],
        "startTimeUnixNano": _nanoseconds(span.start),
        "endTimeUnixNano": _nanoseconds(span.end),
        "attributes": _attributes(dict(_about(request_id, span))),
        "events": [_event(event) for event in span.events],
        "status": {"code": _ERROR, "message": span.error or ""} if is_failed else {},
    }


def _about(request_id: str, span: Span) -> Iterator[tuple[str, object]]:
    """In the names of OpenTelemetry's semantic conventions, where there is one."""
    yield "http.request.header.x-request-id", request_id
    yield "http.request.method", span.method
    yield "url.path", span.path
    yield "http.response.status_code", span.status
    yield "error.type", span.error
    if span.kind == "client":
        yield "peer.service", span.peer
        yield "http.request.resend_count", span.attempt - 1 or None
    if upstreams := [each for each in span.spans if each.address]:
        yield "upstream.address", ", ".join(str(each.address) for each in upstreams)
        yield "upstream.status", ", ".join(str(each.status or "none") for each in upstreams)


def _event(event: Event) -> dict[str, Any]:
    return {
        "timeUnixNano": _nanoseconds(event.at),
        "name": event.event,
        "attributes": _attributes({"level": event.level, **event.fields}),
    }


def _attributes(values: Mapping[str, object]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def _value(value: object) -> dict[str, object]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


def _nanoseconds(milliseconds: float) -> str:
    return str(round(milliseconds * 1000) * 1000)
