"""Log lines as services, gateway and fault proxy write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

from ops.trace.logs import LogLine

ID = "t-one-00000001"
BEGAN = datetime(2026, 11, 23, 0, 32, 34, tzinfo=UTC).timestamp() * 1000


def at(ms: float) -> str:
    moment = datetime.fromtimestamp((BEGAN + ms) / 1000, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def span_id(name: str) -> str:
    return blake2b(name.encode(), digest_size=8).hexdigest()


def line(service: str, end: float, event: str, span: str = "", level: str = "info", **more: Any) -> LogLine:
    """`span` is `trace:parent>own`, each a name; what is left out is not in the line."""
    trace, _, spans = span.partition(":")
    parent, _, own = spans.rpartition(">")
    ids = {
        "traceId": trace and 2 * span_id(trace),
        "spanId": own and span_id(trace + own),
        "parentSpanId": parent and span_id(trace + parent),
    }
    known = {name: value for name, value in ids.items() if value}
    return {"ts": at(end), "level": level, "event": event, "service": service, "requestId": ID, **known, **more}


def access(service: str, end: float, ms: float, asked: str, status: int, span: str, **more: Any) -> LogLine:
    method, path = asked.split()
    return line(service, end, "request", span, method=method, path=path, status=status, durationMs=ms, **more)


def gateway(
    end: float, ms: float, asked: str, status: int, address: str = "127.0.0.1:1", tried: str = "", span: str = "t:>g"
) -> LogLine:
    upstream = {"upstreamAddr": address, "upstreamStatus": tried or str(status), "upstreamMs": ms}
    return access("gateway", end, ms, asked, status, span, **upstream, client="127.0.0.1", userAgent="curl/7.88.1")


def call(
    end: float, ms: float, peer: str, status: int | None, span: str, attempt: int = 1, path: str = "", **more: Any
) -> LogLine:
    level = "info" if status and status < 500 else "warning"
    asked = {"method": "GET", "path": path} if path else {}
    known = {"peer": peer, "attempt": attempt, **asked, "peerStatus": status, "durationMs": ms}
    return line("orders", end, "peer-call", span, level, **known, **more)


def order(begun: float = 0, trace: str = "t", skews: Mapping[str, float] = MappingProxyType({})) -> list[LogLine]:
    """An order whose first question for the product was answered 503 on the way; `skews`: how far clocks are ahead."""
    mine = skews.get("orders", 0)
    return [
        gateway(begun + 70, 70, "POST /orders", 201, span=f"{trace}:>g"),
        call(begun + 7 + mine, 5.1, "users", 200, f"{trace}:o>u", path="/users/me"),
        call(begun + 9 + mine, 1.2, "products", 503, f"{trace}:o>p1", path="/products/cup"),
        call(begun + 65 + mine, 5.0, "products", 200, f"{trace}:o>p2", 2, path="/products/cup"),
        access("orders", begun + 70 + mine, 69.6, "POST /orders", 201, f"{trace}:g>o"),
        access("users", begun + 6 + skews.get("users", 0), 3.1, "GET /users/me", 200, f"{trace}:u>us"),
        access("products", begun + 64 + skews.get("products", 0), 3.2, "GET /products/cup", 200, f"{trace}:p2>ps"),
    ]


def fault(end: float, span: str, link: str = "orders:products", kind: str = "status", **settings: Any) -> LogLine:
    """`span` is the parent's, `trace:parent>`."""
    return line("fault-proxy", end, "fault", span, "warning", link=link, kind=kind, **settings)


def without_ids(lines: list[LogLine]) -> Iterator[LogLine]:
    for each in lines:
        yield {name: value for name, value in each.items() if not name.endswith(("traceId", "spanId", "SpanId"))}
