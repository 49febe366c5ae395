"""A peer of several replicas: each gets its share, and one in trouble costs little."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from structlog.testing import capture_logs

from services.common.errors import PeerTimeout, PeerUnavailable
from services.common.peers.calls import Peer
from services.common.peers.connections import Connections, OutOfTime
from services.common.runtime.timeouts import Timeouts
from services.common.tests.peering import GOOD, peer_at, silent, whole
from services.common.tests.sockets import Behaviour, Server, sends, serving

CALLS = 12
MANY = 30
"""Calls of which one of two replicas gets none once in 500 million times."""


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


def require_answers(url: str, calls: int) -> None:
    """For as many calls, each by a service that knows nothing yet, in one attempt each."""
    with capture_logs() as lines:
        assert [peer_at(url).get("/", whole).status for _ in range(calls)] == [200] * calls
    assert [line["attempt"] for line in lines] == [1] * calls


def exchanged(connections: Connections, within: float = 1.0) -> int:
    """The status of the answer."""
    return connections.get("/", {}, deadline=time.monotonic() + within, limit=1000)[0]


def test_each_replica_gets_its_share_of_the_connections() -> None:
    with replicas(sends(GOOD), sends(GOOD)) as (url, one, two):
        require_answers(url, MANY)
    assert one.connections and two.connections


@pytest.mark.parametrize("away", [nobody, unreached])
def test_what_was_not_sent_goes_to_another_replica(away: Callable[[], AbstractContextManager[str]]) -> None:
    with away() as gone, serving(*[sends(GOOD)] * CALLS) as server:
        require_answers(f"http://{gone},{server.url.removeprefix('http://')}", CALLS)


def test_a_name_without_an_address_leaves_those_that_have_one() -> None:
    with serving(*[sends(GOOD)] * CALLS) as server:
        require_answers(f"{server.url},{'x' * 64}:80", CALLS)


def test_where_no_replica_takes_connections_the_peer_is_unavailable() -> None:
    with nobody() as one, nobody() as two, pytest.raises(PeerUnavailable):
        peer_at(f"http://{one},{two}").get("/", whole)


def test_where_none_is_reached_the_attempt_ends_in_its_time_and_those_not_tried_are_not_avoided() -> None:
    began, patient = time.monotonic(), 5.0
    with unreached() as one, unreached() as two, unreached() as three:
        connections = Connections(f"http://{one},{two},{three}", size=1, connect=patient)
        with pytest.raises(OutOfTime):
            exchanged(connections, within=0.2)
    assert time.monotonic() - began < patient
    assert len(connections._failed) == 1


def test_another_thread_may_find_a_replica_gone_at_any_time() -> None:
    class Noticed(float):
        """The time of a failure; another thread adds one of its own while it is looked at."""

        def __gt__(self, other: float) -> bool:
            connections._failed["another"] = float(self)
            return super().__gt__(other)

    with replicas(sends(GOOD), sends(GOOD)) as (url, one, two):
        connections = Connections(url, size=1, connect=1.0)
        port = int(one.url.rpartition(":")[2])
        connections._failed["127.0.0.1", port] = Noticed(time.monotonic())
        assert exchanged(connections) == 200
    assert (one.connections, two.connections) == (0, 1)


def test_one_that_does_not_answer_costs_one_call_and_is_avoided_for_a_while() -> None:
    with replicas(silent, sends(GOOD)) as (url, standing, _):
        peer, timeouts = peer_at(url, Timeouts(connect=0.2, attempt=1.0, call=2.0)), 0
        for _ in range(MANY):
            peer.close()
            try:
                peer.get("/", whole)
            except PeerTimeout:
                timeouts += 1
    assert timeouts == len(standing.requests) == 1


def test_connections_are_replaced_so_that_a_new_replica_is_found() -> None:
    with replicas(sends(GOOD), sends(GOOD)) as (url, one, two):
        connections = Connections(url, size=1, connect=1.0, kept_for=0.0)
        assert [exchanged(connections) for _ in range(MANY)] == [200] * MANY
    assert one.connections and two.connections


@pytest.mark.parametrize("url", ["http://a:1,", "http://,b:2", "http://a:1,b:x"])
def test_each_replica_has_an_address(url: str) -> None:
    with pytest.raises(ValueError):
        Peer("stock", url)
