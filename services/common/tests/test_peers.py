"""Calls to peers against a real socket server: each row of the mapping table, and the clock."""

import socket
import time

import pytest
from structlog.testing import capture_logs

from services.common.errors import NotFound, PeerError, PeerFailed, PeerTimeout, PeerUnavailable
from services.common.peers.calls import LARGEST_BODY, Peer, Reply
from services.common.runtime import scope
from services.common.runtime.timeouts import Timeouts
from services.common.runtime.trace_context import Span
from services.common.tests.peering import (
    GOOD,
    QUICK,
    TOKEN,
    Pauses,
    asked,
    closing,
    dripping,
    peer_at,
    resetting,
    silent,
    whole,
)
from services.common.tests.sockets import Behaviour, Connection, answer, sends, serving

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_an_answer_is_its_status_and_its_object() -> None:
    with asked(sends(GOOD)) as (peer, server):
        reply = peer.get("/things/1", whole)
    assert (reply.status, reply.body) == (200, {"name": "cup"})
    assert server.requests[0].line == "GET /things/1 HTTP/1.1"


def test_the_token_and_the_request_id_are_sent_on() -> None:
    with asked(sends(GOOD)) as (peer, server), scope.entered(scope.begin("request-0001", None)):
        peer.get("/", whole, token=TOKEN)
    headers = server.requests[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["x-request-id"] == "request-0001"
    assert headers["x-retry-attempt"] == "1"


def test_without_a_token_none_is_sent_and_no_version_ever() -> None:
    with asked(sends(GOOD)) as (peer, server):
        peer.get("/", whole)
    assert "authorization" not in server.requests[0].headers
    assert "urllib3" not in str(server.requests[0].headers)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
def test_what_the_caller_did_wrong_is_for_the_client_to_judge_and_is_not_retried(status: int) -> None:
    with asked(sends(answer(status, b'{"title": "no"}'))) as (peer, server):
        assert peer.get("/", whole).status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [502, 503])
def test_one_502_or_503_is_retried_once_under_the_same_request_id(status: int) -> None:
    with asked(sends(answer(status)), sends(GOOD)) as (peer, server), scope.entered(scope.begin("request-0001", None)):
        assert peer.get("/", whole).status == 200
    assert [request.headers["x-request-id"] for request in server.requests] == ["request-0001"] * 2
    assert [request.headers["x-retry-attempt"] for request in server.requests] == ["1", "2"]


def test_each_attempt_is_a_span_of_its_own_in_the_trace_of_the_request() -> None:
    own = Span("a" * 32, "b" * 16, None)
    here = scope.begin("request-0001", None, span=own)
    with asked(sends(answer(503)), sends(GOOD)) as (peer, server), scope.entered(here), capture_logs() as lines:
        peer.get("/", whole)
    sent = [Span.begin(request.headers["traceparent"]) for request in server.requests]
    assert [span.trace_id for span in sent] == [own.trace_id] * 2
    assert len({own.span_id, *(span.parent_span_id for span in sent)}) == 3
    assert [(line["spanId"], line["parentSpanId"]) for line in lines] == [
        (span.parent_span_id, own.span_id) for span in sent
    ]


def test_outside_of_a_request_there_is_no_trace() -> None:
    with asked(sends(GOOD)) as (peer, server):
        peer.get("/", whole)
    assert "traceparent" not in server.requests[0].headers


def test_two_503_are_enough() -> None:
    with asked(sends(answer(503)), sends(answer(502))) as (peer, server), pytest.raises(PeerUnavailable) as refused:
        peer.get("/", whole)
    assert len(server.requests) == 2
    assert (refused.value.code, refused.value.retry_after) == ("stock-unavailable", 1)


def test_a_retry_after_of_an_hour_is_not_obeyed() -> None:
    pauses = Pauses()
    with serving(sends(answer(503, b"{}", "Retry-After: 3600")), sends(GOOD)) as server:
        Peer("stock", server.url, timeouts=QUICK, pause=pauses).get("/", whole)
    assert len(pauses) == 1
    assert 0.025 <= pauses[0] <= 0.075


def test_the_pauses_differ() -> None:
    pauses = Pauses()
    with serving(*[sends(answer(503))] * 16) as server:
        peer = Peer("stock", server.url, timeouts=QUICK, pause=pauses)
        for _ in range(8):
            with pytest.raises(PeerUnavailable):
                peer.get("/", whole)
    assert len(set(pauses)) > 1


def test_no_retry_starts_that_the_deadline_would_cut_off() -> None:
    with serving(sends(answer(503))) as server, pytest.raises(PeerUnavailable):
        Peer("stock", server.url, timeouts=Timeouts(call=0.02), pause=Pauses()).get("/", whole)
    assert len(server.requests) == 1


FAILED: dict[str, tuple[Behaviour, int | None, str]] = {
    "500": (sends(answer(500)), 500, "unexpected-status"),
    "501": (sends(answer(501)), 501, "unexpected-status"),
    "504": (sends(answer(504)), 504, "unexpected-status"),
    "a redirect": (sends(answer(302, b"", "Location: /elsewhere")), 302, "unexpected-status"),
    "not JSON": (sends(answer(200, b"<html>")), 200, "not-json"),
    "not JSON in a 404": (sends(answer(404, b"<html>")), 404, "not-json"),
    "no body": (sends(answer(204, b"")), 204, "not-json"),
    "NaN": (sends(answer(200, b'{"amount": NaN}')), 200, "not-json"),
    "too deep": (sends(answer(200, b"[" * 100_000)), 200, "not-json"),
    "a list": (sends(answer(200, b"[]")), 200, "not-an-object"),
    "garbled": (sends(b"\x00\xff garbage \r\n\r\n"), None, "not-http"),
    "another protocol": (closing(b"SSH-2.0-OpenSSH\r\n"), None, "not-http"),
    "truncated": (closing(GOOD[:-3]), 200, "truncated"),
    "truncated chunks": (closing(CHUNKED + b"f\r\n{"), 200, "truncated"),
    "garbled chunks": (closing(CHUNKED + b"zz\r\n{}"), 200, "truncated"),
    "truncated headers": (closing(b"HTTP/1.1 200 OK\r\nContent-Le"), None, "hung-up"),
    "closed without a word": (closing(), None, "hung-up"),
    "reset": (resetting, None, "hung-up"),
    "too long": (sends(answer(200, b'{"a":"' + b"x" * LARGEST_BODY + b'"}')), 200, "too-large"),
    "too many headers": (sends(answer(200, b"{}", *[f"X-{number}: x" for number in range(9000)])), None, "not-http"),
}


@pytest.mark.parametrize(("behaviour", "status", "reason"), FAILED.values(), ids=FAILED.keys())
def test_an_answer_of_no_use_is_a_failure_is_not_retried_and_the_log_says_why(
    behaviour: Behaviour, status: int | None, reason: str
) -> None:
    with asked(behaviour, sends(GOOD)) as (peer, server), capture_logs() as lines, pytest.raises(PeerFailed) as refused:
        peer.get("/", whole)
    assert (refused.value.code, refused.value.detail) == ("stock-failed", reason)
    assert len(server.requests) == 1
    assert [(line["peerStatus"], line["error"], line["log_level"]) for line in lines] == [(status, reason, "warning")]


def test_what_the_reader_of_an_answer_finds_wrong_stands_in_the_log_line_of_the_attempt() -> None:
    def read(reply: Reply) -> None:
        raise PeerFailed("stock", "wrong-shape")

    with asked(sends(GOOD)) as (peer, _), capture_logs() as lines, pytest.raises(PeerFailed):
        peer.get("/things/1?all=yes", read)
    assert [(line["method"], line["path"], line["peerStatus"], line["error"]) for line in lines] == [
        ("GET", "/things/1", 200, "wrong-shape")
    ]


def test_what_the_caller_did_wrong_is_no_error_of_the_peers() -> None:
    def read(reply: Reply) -> None:
        raise NotFound()

    with asked(sends(answer(404))) as (peer, _), capture_logs() as lines, pytest.raises(NotFound):
        peer.get("/", read)
    assert [(line["peerStatus"], "error" in line, line["log_level"]) for line in lines] == [(404, False, "info")]


SLOW: dict[str, Behaviour] = {
    "silence": silent,
    "a dripping body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"),
    "a dripping chunk": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"),
    "a dripping chunk size": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "dripping headers": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "a dripping status": dripping(b"HTTP/1.1 200 O", b"K"),
}


@pytest.mark.parametrize("behaviour", SLOW.values(), ids=SLOW.keys())
def test_what_does_not_end_in_time_is_a_timeout_and_is_not_retried(behaviour: Behaviour) -> None:
    begun = time.monotonic()
    with asked(behaviour, sends(GOOD)) as (peer, server), pytest.raises(PeerTimeout) as refused:
        try:
            peer.get("/", whole)
        finally:
            taken = time.monotonic() - begun
    assert (refused.value.code, refused.value.detail) == ("stock-timeout", "no-answer-in-time")
    assert 0.25 <= taken < 1.0
    assert len(server.requests) == 1


def test_a_refused_connection_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(PeerUnavailable, match="not-connected"):
        peer_at(f"http://127.0.0.1:{port}").get("/", whole)


def test_a_name_nobody_knows_is_unavailable() -> None:
    with pytest.raises(PeerUnavailable, match="name-not-found"):
        peer_at("http://nobody.invalid:1").get("/", whole)


def test_a_connection_that_is_never_accepted_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        begun = time.monotonic()
        with pytest.raises(PeerTimeout, match="not-connected-in-time"):
            peer_at(f"http://127.0.0.1:{address[1]}").get("/", whole)
        assert time.monotonic() - begun < 1.0
        for each in waiting:
            each.close()


def test_both_attempts_end_within_the_calls_deadline() -> None:
    def late(connection: Connection) -> None:
        time.sleep(0.3)
        connection.sendall(answer(503))

    begun = time.monotonic()
    with serving(late, silent) as server, pytest.raises(PeerTimeout):
        try:
            peer_at(server.url, Timeouts(attempt=0.6, call=0.7)).get("/", whole)
        finally:
            taken = time.monotonic() - begun
    assert len(server.requests) == 2
    assert 0.65 <= taken < 0.84


def test_a_call_never_outlives_its_request() -> None:
    begun = time.monotonic()
    with (
        asked(silent) as (peer, _),
        scope.entered(scope.Scope("request-0001", begun + 0.1)),
        pytest.raises(PeerTimeout),
    ):
        try:
            peer.get("/", whole)
        finally:
            taken = time.monotonic() - begun
    assert taken < 0.25


def test_a_request_without_time_left_asks_nobody() -> None:
    with asked() as (peer, server), scope.entered(scope.Scope("request-0001", 0.0)), pytest.raises(PeerTimeout):
        peer.get("/", whole)
    assert server.connections == 0


def test_each_attempt_is_one_log_line_and_one_count() -> None:
    counted: list[tuple[str, int | None, int]] = []
    with serving(sends(answer(503)), sends(GOOD), sends(b"garbage\r\n\r\n")) as server, capture_logs() as lines:
        peer = peer_at(server.url, counted=lambda *call: counted.append(call))
        peer.get("/", whole)
        with pytest.raises(PeerError):
            peer.get("/", whole)
    seen = [(line["event"], line["peer"], line["attempt"], line["peerStatus"], line["log_level"]) for line in lines]
    assert seen == [
        ("peer-call", "stock", 1, 503, "warning"),
        ("peer-call", "stock", 2, 200, "info"),
        ("peer-call", "stock", 1, None, "warning"),
    ]
    assert all(line["durationMs"] >= 0 for line in lines)
    assert lines[2]["error"] == "not-http"
    assert counted == [("stock", 503, 1), ("stock", 200, 2), ("stock", None, 1)]


def test_a_token_is_in_no_log_line() -> None:
    with asked(sends(b"garbage\r\n\r\n")) as (peer, _), capture_logs() as lines, pytest.raises(PeerFailed):
        peer.get("/", whole, token=TOKEN)
    assert TOKEN not in str(lines)
