"""W3C Trace Context, version 00: the trace that a request belongs to, and the spans in it."""

import random
import re
from typing import NamedTuple, Self

TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}", re.ASCII)


class Span(NamedTuple):
    """One step of a trace: a request being handled, or one attempt at a peer. IDs are 32 and 16 hex digits."""

    trace_id: str
    span_id: str
    parent_span_id: str | None

    @classmethod
    def begin(cls, traceparent: str | None) -> Self:
        """The span of a request with that header; without a well-formed one it begins a trace."""
        match = TRACEPARENT.fullmatch(traceparent or "")
        return cls(match[1], _random_id(), match[2]) if match else cls(_random_id() + _random_id(), _random_id(), None)

    def child(self) -> "Span":
        """A new span within this one."""
        return Span(self.trace_id, _random_id(), self.span_id)

    @property
    def traceparent(self) -> str:
        """The header for the peer that is asked within this span; always sampled, as every span is in the log."""
        return f"00-{self.trace_id}-{self.span_id}-01"

    @property
    def fields(self) -> dict[str, str | None]:
        """The fields of a log line."""
        return {"traceId": self.trace_id, "spanId": self.span_id, "parentSpanId": self.parent_span_id}


def _random_id() -> str:
    """16 hex digits that are no secret: the system's own source would cost a call into the kernel."""
    return f"{random.getrandbits(64):016x}"  # noqa: S311
