"""Connections to peers: kept, replaced, given up, and never more than there are places."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.common.errors import PeerFailed, PeerTimeout, PeerUnavailable
from services.common.peers.calls import LARGEST_BODY, PATIENCE, Peer
from services.common.runtime.timeouts import Timeouts
from services.common.tests.peering import (
    GOOD,
    QUICK,
    asked,
    closing,
    peer_at,
    resetting,
    silent,
    whole,
)
from services.common.tests.sockets import Behaviour, Connection, answer, sends, serving


def test_calls_share_one_connection() -> None:
    with asked(*[sends(GOOD)] * 5) as (peer, server):
        for _ in range(5):
            peer.get("/", whole)
    assert server.connections == 1


def test_a_connection_survives_an_answer_of_404_and_of_503() -> None:
    with asked(sends(answer(404)), sends(answer(503)), sends(GOOD), sends(GOOD)) as (peer, server):
        for _ in range(3):
            peer.get("/", whole)
    assert server.connections == 1


def test_a_kept_connection_that_was_closed_while_idle_costs_no_attempt() -> None:
    closed = threading.Event()

    def impatient(connection: Connection) -> None:
        closing(GOOD)(connection)
        closed.set()

    with asked(impatient, sends(GOOD)) as (peer, server), capture_logs() as lines:
        peer.get("/", whole)
        assert closed.wait(5)
        peer.get("/", whole)
    assert [request.connection for request in server.requests] == [1, 2]
    assert told(lines) == [(1, 200, None), (1, 200, None)]


ENDINGS = {"closed": closing(), "reset": resetting}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_a_kept_connection_that_ends_instead_of_an_answer_is_the_first_of_two_attempts(ending: Behaviour) -> None:
    counted: list[tuple[str, int | None, int]] = []
    with serving(sends(GOOD), ending, sends(GOOD)) as server, capture_logs() as lines:
        peer = peer_at(server.url, counted=lambda *call: counted.append(call))
        assert [peer.get("/", whole).status for _ in range(2)] == [200, 200]
    assert [request.connection for request in server.requests] == [1, 1, 2]
    assert [request.headers["x-retry-attempt"] for request in server.requests] == ["1", "1", "2"]
    assert told(lines) == [(1, 200, None), (1, None, "kept-connection-closed"), (2, 200, None)]
    assert counted == [("stock", 200, 1), ("stock", None, 1), ("stock", 200, 2)]


def test_after_a_kept_connection_that_ended_a_503_is_not_asked_again() -> None:
    with asked(sends(GOOD), closing(), sends(answer(503)), sends(GOOD)) as (peer, server):
        peer.get("/", whole)
        with pytest.raises(PeerUnavailable):
            peer.get("/", whole)
    assert len(server.requests) == 3


def test_after_a_503_a_kept_connection_that_ended_is_a_failure() -> None:
    with asked(sends(answer(503)), closing(), sends(GOOD)) as (peer, server), pytest.raises(PeerFailed, match="kept-"):
        peer.get("/", whole)
    assert len(server.requests) == 2


def test_after_a_kept_connection_that_ended_a_new_one_is_made_whatever_others_keep_meanwhile() -> None:
    def pause(_: float) -> None:
        peer.get("/another", whole)

    with serving(sends(GOOD), closing(), sends(GOOD), sends(GOOD), sends(GOOD)) as server:
        peer = Peer("stock", server.url, timeouts=QUICK, pause=pause)
        peer.get("/", whole)
        peer.get("/", whole)
        peer.get("/", whole)
    asked = [(request.line.split()[1], request.connection) for request in server.requests]
    assert asked == [("/", 1), ("/", 1), ("/another", 2), ("/", 3), ("/", 2)]


@pytest.mark.parametrize("part", [GOOD[:4], GOOD[:-3]], ids=["in the status", "in the body"])
def test_a_kept_connection_that_breaks_within_the_answer_is_not_replaced(part: bytes) -> None:
    with asked(sends(GOOD), closing(part), sends(GOOD)) as (peer, server):
        peer.get("/", whole)
        with pytest.raises(PeerFailed):
            peer.get("/", whole)
    assert len(server.requests) == 2


def test_after_a_timeout_no_kept_connection_is_used_any_more() -> None:
    together = threading.Barrier(2)

    def waiting(connection: Connection) -> None:
        together.wait(5)
        connection.sendall(GOOD)

    with asked(waiting, waiting, silent, waiting, waiting) as (peer, server):
        at_once(2, lambda: peer.get("/", whole))
        with pytest.raises(PeerTimeout):
            peer.get("/", whole)
        at_once(2, lambda: peer.get("/", whole))
    assert {request.connection for request in server.requests[3:]} == {3, 4}


def test_a_body_is_not_read_beyond_its_limit_even_if_it_is_harmless() -> None:
    with asked(sends(answer(200, b"{}" + b" " * LARGEST_BODY)), sends(GOOD)) as (peer, _):
        with pytest.raises(PeerFailed):
            peer.get("/", whole)
        assert peer.get("/", whole).status == 200


def test_while_five_calls_hang_the_others_are_refused_at_once() -> None:
    release = threading.Event()

    def held(connection: Connection) -> None:
        release.wait(5)
        connection.sendall(GOOD)

    outcomes: list[int | str] = []

    def call(peer: Peer) -> None:
        outcomes.append(peer.get("/", whole).status)

    with serving(*[held] * 5) as server:
        peer = peer_at(server.url, Timeouts())
        threads = [threading.Thread(target=call, args=[peer]) for _ in range(5)]
        for thread in threads:
            thread.start()
        while len(server.requests) < 5:
            time.sleep(0.001)
        with pytest.raises(PeerUnavailable):
            peer.get("/", whole)
        begun = time.monotonic()
        for _ in range(10):
            with pytest.raises(PeerUnavailable):
                peer.get("/", whole)
        assert time.monotonic() - begun < 5 * PATIENCE, "half of what they would wait"
        assert len(server.requests) == 5
        release.set()
        for thread in threads:
            thread.join()
    assert outcomes == [200] * 5


def test_a_place_is_free_again_after_a_failure() -> None:
    with serving(*[sends(answer(500))] * 12) as server:
        peer = peer_at(server.url)
        for _ in range(12):
            with pytest.raises(PeerFailed):
                peer.get("/", whole)


def test_a_proxy_from_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with asked(sends(GOOD)) as (peer, _):
        assert peer.get("/", whole).status == 200


@pytest.mark.parametrize("url", ["https://stock:1", "stock:1", "ftp://stock", "http://"])
def test_only_http_urls_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="http://"):
        peer_at(url)


def told(lines: Iterable[Mapping[str, Any]]) -> list[tuple[int, int | None, str | None]]:
    """Of each log line of a call: the attempt, what the peer answered, and what was wrong with it."""
    return [(line["attempt"], line["peerStatus"], line.get("error")) for line in lines]


def at_once(count: int, call: Callable[[], object]) -> None:
    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
