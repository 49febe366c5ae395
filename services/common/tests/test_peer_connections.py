"""Connections to peers: kept, replaced, given up, and never more than there are places."""

import socket
import threading
import time

import pytest

from services.common.errors import PeerFailed, PeerTimeout, PeerUnavailable
from services.common.peers import LARGEST_BODY, Peer
from services.common.tests.peering import (
    GOOD,
    asked,
    closing,
    peer_at,
    silent,
    whole,
)
from services.common.tests.sockets import Connection, answer, sends, serving
from services.common.timeouts import Timeouts


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


def test_a_kept_connection_that_was_closed_is_replaced_unseen() -> None:
    def reluctant(connection: Connection) -> None:
        """Takes the second request and closes without a word, as a server does whose idle timeout strikes just then."""
        connection.shutdown(socket.SHUT_RDWR)

    with asked(sends(GOOD), reluctant, sends(GOOD)) as (peer, server):
        assert [peer.get("/", whole).status for _ in range(2)] == [200, 200]
    assert [request.connection for request in server.requests] == [1, 1, 2]
    assert server.requests[2].headers["x-retry-attempt"] == "1"


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

    def ask_twice(peer: Peer) -> None:
        other = threading.Thread(target=peer.get, args=["/", whole])
        other.start()
        peer.get("/", whole)
        other.join()

    with asked(waiting, waiting, silent, waiting, waiting) as (peer, server):
        ask_twice(peer)
        with pytest.raises(PeerTimeout):
            peer.get("/", whole)
        ask_twice(peer)
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
        with pytest.raises(PeerUnavailable):
            peer.get("/", whole)
        assert time.monotonic() - begun < 0.05
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
