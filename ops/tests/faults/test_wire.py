"""Faults told to the real proxy in front of a real service."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.faults.errors import NotProven, OrderRefused, ProxyUnreachable
from ops.faults.link_faults import LinkFaults
from ops.journal.events import Fault
from ops.tests.rig import Client, Proxy, Service, proxy, service

LINK = "orders:products"
MINE = "orders.place_order.L12.3-20261122-230501-k3f"
MY_SCENARIO = "orders.place_order.L12.*-20261122-230501-k3f"
ANOTHER = "orders.place_order.L30.1-20261122-230501-k3f"


@pytest.fixture
def ask(running: tuple[Service, Proxy]) -> Iterator[Callable[..., int]]:
    clients = {link: Client(address) for link, address in running[1].links.items()}
    yield lambda request_id="", link=LINK, path="/products/cup": clients[link].ask("GET", path, request_id=request_id)[
        0
    ]
    for client in clients.values():
        client.close()


def test_a_status_once_then_the_real_service(wire: LinkFaults, products: Service, ask: Callable[..., int]) -> None:
    with wire.inject("status", LINK, code=503) as fault:
        assert [ask(MINE) for _ in range(3)] == [503, 201, 201]

        assert len(products.asked) == 2
        assert [(attempt.status, attempt.injected is not None) for attempt in fault.attempts()] == [
            (503, True),
            (201, False),
            (201, False),
        ]
        assert fault.confirmed()


def test_a_status_n_times(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with wire.inject("status", LINK, code=502, times=2) as fault:
        assert ask() == 502
        assert not fault.confirmed()
        assert [ask(), ask()] == [502, 201]
        assert fault.confirmed()


def test_a_status_every_time_until_the_block_ends(wire: LinkFaults, products: Service, ask: Callable[..., int]) -> None:
    with wire.inject("status", LINK, code=500, times=None) as fault:
        assert {ask() for _ in range(10)} == {500}
        assert products.asked == []

    assert fault.confirmed()
    assert ask() == 201


def test_only_the_requests_of_one_scenario_are_hit(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with wire.inject("status", LINK, code=503, times=None, request_ids=MY_SCENARIO) as fault:
        assert [ask(ANOTHER), ask(MINE), ask(""), ask(MINE)] == [201, 503, 201, 503]

        assert [attempt.request_id for attempt in fault.attempts()] == [MINE, MINE]


def test_only_requests_of_one_path_are_hit(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with wire.inject("status", LINK, code=503, paths="/products/*") as fault:
        assert [ask(path="/jwks?products/x"), ask(path="/products/cup?x=1")] == [201, 503]

        assert [attempt.path for attempt in fault.attempts()] == ["/products/cup"]


def test_a_fault_hits_its_own_link_alone(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with wire.inject("status", "orders:users", code=503, times=None):
        assert [ask(link=LINK), ask(link="orders:users")] == [201, 503]


def test_two_faults_at_once_do_not_disturb_each_other(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with (
        wire.inject("status", LINK, code=503, times=2, request_ids=MINE) as mine,
        wire.inject("status", LINK, code=502, times=1, request_ids=ANOTHER) as another,
    ):
        assert [ask(MINE), ask(ANOTHER), ask("healthy.customer"), ask(MINE), ask(ANOTHER), ask(MINE)] == [
            503, 502, 201, 503, 201, 201,
        ]  # fmt: skip

    assert (mine.fired, another.fired) == (2, 1)


def test_of_two_faults_that_match_the_older_comes_first(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with wire.inject("status", LINK, code=503), wire.inject("status", LINK, code=502):
        assert [ask(), ask(), ask()] == [503, 502, 201]


def test_twenty_requests_at_once_are_hit_exactly_as_often_as_asked(
    wire: LinkFaults, running: tuple[Service, Proxy]
) -> None:
    ready = threading.Barrier(20)

    def ask_at_once(_: int) -> int:
        client = Client(running[1].links[LINK])
        ready.wait()
        status = client.ask("POST", "/", b"x" * 10_000)[0]
        client.close()
        return status

    with wire.inject("status", LINK, code=503, times=7), ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(ask_at_once, range(20)))

    assert sorted(statuses) == [201] * 13 + [503] * 7


def test_the_answer_is_a_problem_with_the_request_id(wire: LinkFaults, running: tuple[Service, Proxy]) -> None:
    client = Client(running[1].links[LINK])
    with wire.inject("status", LINK, code=503):
        status, headers, body = client.ask("POST", "/orders", b"x" * 1_000_000, request_id=MINE)
        assert client.ask()[0] == 201
    client.close()

    assert headers["Connection"] == "keep-alive"
    assert (status, headers["Content-Type"], headers.get_all("X-Request-ID")) == (
        503,
        "application/problem+json",
        [MINE],
    )
    problem = json.loads(body)
    assert (problem["status"], problem["requestId"]) == (503, MINE)
    assert problem["title"] == "Service Unavailable"


def test_a_fault_is_undone_after_an_exception(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with pytest.raises(KeyError), wire.inject("status", LINK, code=503, times=None):
        raise KeyError

    assert wire.in_force() == []
    assert ask() == 201


def test_a_fault_that_never_fired_proves_nothing(wire: LinkFaults, ask: Callable[..., int]) -> None:
    fault = wire.inject("status", LINK, code=503, request_ids=MINE)
    with pytest.raises(NotProven, match="status code=503 on orders:products: asked for once, took effect never"), fault:
        ask(ANOTHER)
        ask(ANOTHER)

    assert fault.state == "mismatch"
    assert fault.detail.endswith("2 requests came without the scenario's X-Request-ID: does orders pass it on?")
    assert wire.in_force() == []


def test_another_failure_is_not_hidden_by_not_proven(wire: LinkFaults) -> None:
    with pytest.raises(AssertionError, match="the order was accepted"), wire.inject("status", LINK, code=503):
        raise AssertionError("the order was accepted")


def test_a_fault_that_fired_too_seldom_is_a_mismatch(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with wire.inject("status", LINK, code=503, times=2) as fault:
        ask()

    assert fault.state == "mismatch"


def test_a_fault_somebody_else_cleared_is_inconclusive(wire: LinkFaults, ask: Callable[..., int]) -> None:
    with pytest.raises(NotProven, match="lost"), wire.inject("status", LINK, code=503) as fault:
        ask()
        assert [cleared["fired"] for cleared in wire.clear()] == [1]

    assert fault.state == "inconclusive"


def test_a_proxy_that_died_is_named(wire: LinkFaults) -> None:
    with service() as behind, proxy(orders_products=behind.address) as between:
        faults = between.faults
        with pytest.raises(NotProven), faults.inject("status", LINK, code=503):
            between.end()

    with pytest.raises(ProxyUnreachable, match=r"http://127\.0\.0\.1:\d+ does not answer"):
        faults.attempts()
    never = faults.inject("status", LINK, code=503)
    with pytest.raises(ProxyUnreachable), never:
        raise AssertionError("must not be entered")
    assert never.evidence()["state"] == "inconclusive"


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"link": "orders:nobody"}, "link must be one of orders:products, orders:users"),
        ({"code": 99}, "code must be"),
        ({"code": True}, "code must be"),
        ({"kind": "miracle"}, "kind must be one of status"),
        ({"times": 0}, "times must be"),
        ({"times": "1"}, "times must be"),
        ({"request_ids": 3}, "requestIds must be"),
        ({"seconds": -1}, "seconds must be"),
        ({"seconds": float("inf")}, "seconds must be"),
        ({"delay": 3}, "'delay' is no setting of status; there are "),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_with_the_reason(
    wire: LinkFaults, order: dict[str, object], reason: str
) -> None:
    whole: dict[str, object] = {"kind": "status", "link": LINK, "code": 503} | order

    with pytest.raises(OrderRefused, match=reason), wire.inject(**whole):  # type: ignore[arg-type]
        raise AssertionError("must not be entered")


def test_a_fault_whose_author_was_killed_ends_by_itself(wire: LinkFaults, ask: Callable[..., int]) -> None:
    fault = wire.inject("status", LINK, None, code=503, seconds=0.2)
    fault.__enter__()
    assert ask() == 503

    while wire.in_force():
        pass

    assert ask() == 201


def test_attempts_are_found_by_link_request_and_path(wire: LinkFaults, ask: Callable[..., int]) -> None:
    ask(MINE), ask(ANOTHER, link="orders:users", path="/users/me?x=1")

    [attempt] = wire.attempts("orders:users", ANOTHER, "/users/*")
    assert (attempt.link, attempt.method, attempt.path, attempt.status) == ("orders:users", "GET", "/users/me", 201)
    assert attempt.ms is not None
    assert 0 < attempt.ms < 1000
    assert wire.attempts("orders:users", MY_SCENARIO, since=attempt.number) == []


def test_the_links_can_be_asked_for(wire: LinkFaults) -> None:
    assert wire.links() == [LINK, "orders:users"]


def test_what_it_did_goes_into_the_journal(
    wire: LinkFaults, ask: Callable[..., int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with wire.inject("status", LINK, code=503) as fault:
        ask()

    evidence = fault.evidence()

    assert evidence["ms"]
    assert evidence | {"ms": 1} == {
        "kind": "status",
        "target": LINK,
        "state": "confirmed",
        "ms": 1,
        "detail": "status code=503 on orders:products: asked for once, took effect once",
    }
    assert Fault.model_validate({"scenario": "a.feature:1", **evidence}).state == "confirmed"
