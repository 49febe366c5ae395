"""Every line is a JSON object with the fields of the contract."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.common.runtime import logs, scope
from services.common.runtime.trace_context import Span


class Lines(io.StringIO):
    @property
    def read_back(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    before = logging.root.handlers[:], logging.root.level
    stream = Lines()
    logs.configure("stock", "info", stream.write)
    yield stream
    structlog.reset_defaults()
    logging.root.handlers, logging.root.level = before[0], before[1]


def test_the_fields_of_every_line(lines: Lines) -> None:
    with scope.entered(scope.Scope("request-1")):
        structlog.get_logger().info("counted", shelf=3)
    (line,) = lines.read_back
    assert list(line) == ["ts", "level", "event", "service", "requestId", "shelf"]
    assert line["ts"].endswith("Z") and len(line["ts"]) == len("2026-11-22T23:05:01.123Z")
    assert (line["level"], line["event"], line["service"], line["requestId"]) == (
        "info",
        "counted",
        "stock",
        "request-1",
    )


def test_a_line_outside_of_a_request_has_no_request_id_and_no_span(lines: Lines) -> None:
    structlog.get_logger().info("listening")
    assert lines.read_back[0]["requestId"] is None
    assert "traceId" not in lines.read_back[0]


def test_a_line_of_a_request_has_its_span_or_one_within_it(lines: Lines) -> None:
    span = Span("a" * 32, "b" * 16, "c" * 16)
    with scope.entered(scope.begin("request-1", None, span=span)):
        structlog.get_logger().info("counted")
        structlog.get_logger().info("asked", **span.child().fields)
    counted, asked = lines.read_back
    assert {name: counted[name] for name in span.fields} == span.fields
    assert (asked["traceId"], asked["parentSpanId"]) == (span.trace_id, span.span_id)
    assert asked["spanId"] != counted["spanId"]


def test_what_is_below_the_level_is_not_written(lines: Lines) -> None:
    structlog.get_logger().debug("detail")
    assert lines.read_back == []


def test_libraries_write_lines_too(lines: Lines) -> None:
    logging.getLogger("some.library").warning("it is %s", "late")
    logging.getLogger("some.library").info("not this")
    (line,) = lines.read_back
    assert (line["event"], line["logger"], line["message"]) == ("library", "some.library", "it is late")


@pytest.mark.parametrize("text", ['quote " and \\', "new\nline", "\ud800 alone", "\x00\x1b[31m", "ünïcode 🙂"])
def test_a_hostile_text_stays_one_line(lines: Lines, text: str) -> None:
    structlog.get_logger().info("heard", text=text)
    (line,) = lines.read_back
    assert line["text"] == text


def test_a_traceback_stays_one_line(lines: Lines) -> None:
    try:
        raise ValueError("oh no")
    except ValueError as error:
        structlog.get_logger().error("internal-error", exc_info=error)
    (line,) = lines.read_back
    assert "ValueError: oh no" in line["exception"]


class Unspeakable:
    def __repr__(self) -> str:
        raise ValueError("no words for it")


def test_what_cannot_be_written_raises_nothing_and_is_named(lines: Lines) -> None:
    structlog.get_logger().info("heard", text=Unspeakable())
    logs._Libraries().emit(logging.LogRecord("some.library", logging.WARNING, "", 0, "%d of %d", (1,), None))
    heard, library = lines.read_back
    assert (heard["event"], heard["unwritable"]) == ("heard", "ValueError")
    assert library["message"] == "%d of %d"
