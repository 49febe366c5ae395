"""A peer of several replicas: each gets its share, and one in trouble costs little."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from structlog.testing import capture_logs

from services.common.errors import PeerTimeout, PeerUnavailable
from services.common.peers.calls import Peer
from services.common.peers.connections import Connections
from services.common.tests.peering import GOOD, QUICK, peer_at, silent, whole
from services.common.tests.sockets import Behaviour, Server, sends, serving

CALLS = 12


@contextmanager
def replicas(first: Behaviour, second: Behaviour) -> Iterator[tuple[str, Server, Server]]:
    with serving(*[first] * 40) as one, serving(*[second] * 40) as two:
        yield f"{one.url},{two.url.removeprefix('http://')}", one, two


@contextmanager
def nobody() -> Iterator[str]:
    """An address that refuses."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def unreached() -> Iterator[str]:
    """An address from which nothing comes back, as its queue of connections is full."""
    with socket.socket() as full, socket.socket() as first:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        first.connect(full.getsockname())
        yield f"127.0.0.1:{full.getsockname()[1]}"


def statuses(url: str) -> list[int]:
    """Of as many calls, each by a service that knows nothing yet; each has one attempt."""
    with capture_logs() as lines:
        found = [peer_at(url).get("/", whole).status for _ in range(CALLS)]
    assert [line["attempt"] for line in lines] == [1] * CALLS
    return found


def test_each_replica_gets_its_share_of_the_connections() -> None:
    with replicas(sends(GOOD), sends(GOOD)) as (url, one, two):
        assert statuses(url) == [200] * CALLS
    assert one.connections and two.connections, "once in two thousand times it is one alone"


@pytest.mark.parametrize("away", [nobody, unreached])
def test_what_was_not_sent_goes_to_another_replica(away: Callable[[], AbstractContextManager[str]]) -> None:
    with away() as gone, serving(*[sends(GOOD)] * CALLS) as server:
        assert statuses(f"http://{gone},{server.url.removeprefix('http://')}") == [200] * CALLS


def test_where_no_replica_takes_connections_the_peer_is_unavailable() -> None:
    with nobody() as one, nobody() as two, pytest.raises(PeerUnavailable):
        peer_at(f"http://{one},{two}").get("/", whole)


def test_where_none_is_reached_the_attempt_ends_in_its_time() -> None:
    with unreached() as one, unreached() as two, unreached() as three, pytest.raises(PeerTimeout):
        began = time.monotonic()
        peer_at(f"http://{one},{two},{three}").get("/", whole)
    assert time.monotonic() - began < QUICK.attempt + 0.2


def test_one_that_does_not_answer_costs_one_call_and_is_avoided_for_a_while() -> None:
    with replicas(silent, sends(GOOD)) as (url, standing, _):
        peer, timeouts = peer_at(url), 0
        for _ in range(2 * CALLS):
            peer.close()
            try:
                peer.get("/", whole)
            except PeerTimeout:
                timeouts += 1
    assert timeouts <= 1 and len(standing.requests) == timeouts


def test_connections_are_replaced_so_that_a_new_replica_is_found() -> None:
    with replicas(sends(GOOD), sends(GOOD)) as (url, one, two):
        connections = Connections(url, size=1, connect=1.0, kept_for=0.01)
        for _ in range(CALLS):
            assert connections.get("/", {}, deadline=time.monotonic() + 1, limit=1000)[0] == 200
            time.sleep(0.02)
    assert one.connections and two.connections


@pytest.mark.parametrize("url", ["http://a:1,", "http://,b:2", "http://a:1,b:x"])
def test_each_replica_has_an_address(url: str) -> None:
    with pytest.raises(ValueError):
        Peer("stock", url)
