"""W3C Trace Context, version 00."""

import pytest

from services.common.runtime.trace_context import TRACEPARENT, Span

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize("flags", ["00", "01", "ff"])
def test_a_traceparent_is_continued(flags: str) -> None:
    span = Span.begin(f"00-{TRACE}-{SPAN}-{flags}")
    assert (span.trace_id, span.parent_span_id) == (TRACE, SPAN)
    assert span.traceparent == f"00-{TRACE}-{span.span_id}-01"
    assert span.span_id != SPAN


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        "",
        f"01-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}-01, 00-{TRACE}-{SPAN}-01",
    ],
)
def test_any_other_begins_a_trace(malformed: str | None) -> None:
    first, second = Span.begin(malformed), Span.begin(malformed)
    assert len({TRACE, first.trace_id, second.trace_id}) == 3
    assert first.parent_span_id is None
    assert TRACEPARENT.fullmatch(first.traceparent)


def test_a_child_is_in_the_same_trace() -> None:
    span = Span.begin(None)
    one, other = span.child(), span.child()
    assert one.trace_id == other.trace_id == span.trace_id
    assert one.parent_span_id == other.parent_span_id == span.span_id
    assert len({span.span_id, one.span_id, other.span_id}) == 3
