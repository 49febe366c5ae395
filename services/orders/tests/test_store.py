"""Orders and Idempotency-Keys in real databases, SQLite and PostgreSQL alike."""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from services.common.database.database import Database
from services.common.database.heartbeat import Heartbeat
from services.common.errors import Conflict, Invalid, Unavailable
from services.common.runtime.identifiers import uuid7
from services.common.tests.rivals import at_once
from services.orders.domain import KEYS_KEPT, LEASE, Claim, Customer, Order, Shop, fingerprint
from services.orders.store import OrderStore
from services.orders.tests.fakes import ADA, BOB, CUP, START, Accounts, Catalogue, Clock


@pytest.fixture
def store(database: Database) -> OrderStore:
    return OrderStore(database)


def order(customer: Customer = ADA) -> Order:
    return Order(uuid7(), customer.id, CUP, START)


def claim(owner: str, key: str = "k1", wanted: str = "f", customer: Customer = ADA) -> Claim:
    return Claim(customer.id, key, wanted, owner, START + LEASE)


def shop(store: OrderStore, timer: Clock | None = None, catalogue: Catalogue | None = None) -> Shop:
    return Shop(store, Accounts(), catalogue or Catalogue(), clock=Clock(), timer=timer or Clock(), new_id=uuid7)


def every_order(store: OrderStore, customer: Customer = ADA) -> list[Order]:
    return list(store.newest(customer.id, 1000, None))


def test_an_order_is_read_back_as_it_was(store: OrderStore) -> None:
    placed = order()
    assert store.add(placed, None)
    assert store.find(ADA.id, placed.id) == placed


def test_another_customers_order_is_neither_found_nor_listed(store: OrderStore) -> None:
    placed = order()
    store.add(placed, None)
    assert store.find(BOB.id, placed.id) is None
    assert every_order(store, BOB) == []


def test_the_newest_come_first_page_by_page(store: OrderStore) -> None:
    placed = [order() for _ in range(7)]
    for each in placed:
        store.add(each, None)
    first = store.newest(ADA.id, 3, None)
    rest = store.newest(ADA.id, 10, first[-1].id)
    assert [*first, *rest] == placed[::-1]


def test_a_free_key_is_the_claimants(store: OrderStore) -> None:
    held = store.claim(claim("a"), START, START)
    assert (held.owner, held.order) == ("a", None)


def test_a_claimed_key_stays_with_who_has_it(store: OrderStore) -> None:
    store.claim(claim("a"), START, START)
    assert store.claim(claim("b"), START, START).owner == "a"


@pytest.mark.parametrize("other", [claim("b", key="k2"), claim("b", customer=BOB)], ids=["another key", "another user"])
def test_keys_are_told_apart_by_their_text_and_their_user(store: OrderStore, other: Claim) -> None:
    store.claim(claim("a"), START, START)
    assert store.claim(other, START, START).owner == "b"


def test_a_key_is_told_apart_by_case_too(store: OrderStore) -> None:
    store.claim(claim("a", key="key"), START, START)
    assert store.claim(claim("b", key="KEY"), START, START).owner == "b"


def test_an_expired_claim_is_taken_over_and_the_order_is_then_the_new_ones(store: OrderStore) -> None:
    crashed, later = claim("a"), START + LEASE
    store.claim(crashed, START, START)
    retry = replace(claim("b"), expires=later + LEASE)
    assert store.claim(retry, later, START).owner == "b"
    assert not store.add(order(), crashed)
    assert every_order(store) == []
    assert store.add(order(), retry)
    assert len(every_order(store)) == 1


def test_an_expired_claim_is_not_taken_over_for_something_else(store: OrderStore) -> None:
    store.claim(claim("a"), START, START)
    held = store.claim(claim("b", wanted="other"), START + LEASE, START)
    assert (held.owner, held.fingerprint) == ("a", "f")


def test_a_claim_that_led_to_an_order_is_never_taken_over(store: OrderStore) -> None:
    placed = order()
    store.claim(claim("a"), START, START)
    store.add(placed, claim("a"))
    assert store.claim(claim("b"), START + timedelta(hours=24), START).order == placed


def test_a_released_key_is_free(store: OrderStore) -> None:
    store.claim(claim("a"), START, START)
    store.release(claim("a"))
    assert store.claim(claim("b"), START, START).owner == "b"


def test_only_who_holds_a_key_releases_it(store: OrderStore) -> None:
    store.claim(claim("a"), START, START)
    store.release(claim("b"))
    assert store.claim(claim("c"), START, START).owner == "a"


def test_a_key_with_an_order_is_not_released(store: OrderStore) -> None:
    store.claim(claim("a"), START, START)
    store.add(order(), claim("a"))
    store.release(claim("a"))
    assert store.claim(claim("b"), START, START).order is not None


def test_a_release_waits_for_an_order_that_may_still_be_kept(database: Database, store: OrderStore) -> None:
    """As after a connection that was lost during the commit: the server may yet have it."""
    store.claim(claim("a"), START, START)
    placed, added, commit = order(), threading.Event(), threading.Event()

    def add() -> None:
        with database.writing():
            store.add(placed, claim("a"))
            added.set()
            commit.wait(10)
        if not database.peewee.is_closed():
            database.peewee.close()

    adding = threading.Thread(target=add)
    adding.start()
    assert added.wait(5)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        store.release(claim("a"))
    assert time.monotonic() - begun < 0.9
    commit.set()
    adding.join()
    store.release(claim("a"))
    assert store.claim(claim("b"), START, START).order == placed


def test_a_claim_leads_to_one_order_only(store: OrderStore) -> None:
    store.claim(claim("a"), START, START)
    assert store.add(order(), claim("a"))
    assert not store.add(order(), claim("a"))
    assert len(every_order(store)) == 1


def test_old_keys_are_forgotten_and_younger_ones_kept(store: OrderStore) -> None:
    clock = Clock()
    first = shop(store, clock).place(ADA, "espresso-cup", "k1")
    clock.pass_(hours=47)
    assert shop(store, clock).place(ADA, "espresso-cup", "k1") == first
    clock.now = START + KEYS_KEPT + timedelta(seconds=1)
    assert shop(store, clock).place(ADA, "espresso-cup", "k1") != first


@pytest.mark.parametrize("hours", [49, -49, 24 * 365])
def test_a_date_that_is_wrong_forgets_no_key(database: Database, store: OrderStore, hours: int) -> None:
    """One request with a clock that is 49 hours ahead was enough, and old keys ordered again."""
    dates, timer = Clock(), Heartbeat(database, start=lambda: START)
    dated = Shop(store, Accounts(), Catalogue(), clock=dates, timer=timer, new_id=uuid7)
    placed = {key: dated.place(ADA, "espresso-cup", key) for key in ("k1", "k2", "k3")}
    dates.pass_(hours=hours)
    dated.place(BOB, "espresso-cup", "k4")
    dates.pass_(hours=-hours)
    assert {key: dated.place(ADA, "espresso-cup", key) for key in placed} == placed
    assert len(every_order(store)) == 3


def test_a_timer_begins_with_the_keys_that_are_there(store: OrderStore) -> None:
    assert store.last_claim() is None
    store.claim(claim("a"), START, START)
    store.claim(claim("b", key="k2"), START - timedelta(hours=1), START - timedelta(hours=2))
    assert store.last_claim() == START


def test_the_same_again_is_the_first_order_again_without_asking_anybody(store: OrderStore) -> None:
    first = shop(store).place(ADA, "espresso-cup", "k1")
    catalogue = Catalogue()
    assert shop(store, catalogue=catalogue).place(ADA, "espresso-cup", "k1") == first
    assert catalogue.asked == []
    assert every_order(store) == [first]


def test_another_body_under_the_same_key_is_refused(store: OrderStore) -> None:
    shop(store).place(ADA, "espresso-cup", "k1")
    with pytest.raises(Invalid) as refused:
        shop(store).place(ADA, "teapot", "k1")
    assert refused.value.code == "idempotency-key-reused"


def test_a_request_that_still_runs_holds_the_key_until_its_lease_ends(store: OrderStore) -> None:
    clock = Clock()
    crashed = Catalogue(SystemExit())  # type: ignore[arg-type] # as a process does that is killed
    with pytest.raises(SystemExit):
        shop(store, clock, crashed).place(ADA, "espresso-cup", "k1")
    with pytest.raises(Conflict) as refused:
        shop(store, clock).place(ADA, "espresso-cup", "k1")
    assert (refused.value.code, refused.value.retry_after) == ("request-in-progress", 1)
    clock.pass_(seconds=5)
    shop(store, clock).place(ADA, "espresso-cup", "k1")
    assert len(every_order(store)) == 1


def test_a_failed_request_leaves_the_key_free(store: OrderStore) -> None:
    with pytest.raises(Conflict, match="sold out"):
        shop(store, catalogue=Catalogue(Conflict("sold out"))).place(ADA, "espresso-cup", "k1")
    shop(store).place(ADA, "teapot", "k1")


def placed_at_once(database: Database, place: Shop) -> list[Order | str]:
    return at_once(database, 20, lambda _: place.place(ADA, "espresso-cup", "k1"))


def test_twenty_at_once_place_one_order(database: Database, store: OrderStore) -> None:
    outcomes = placed_at_once(database, shop(store))
    placed = {outcome.id for outcome in outcomes if isinstance(outcome, Order)}
    assert len(outcomes) == 20
    assert len(placed) == 1
    assert {outcome for outcome in outcomes if isinstance(outcome, str)} <= {"request-in-progress"}
    assert [each.id for each in every_order(store)] == list(placed)


def test_twenty_at_once_take_over_an_expired_claim_once(database: Database, store: OrderStore) -> None:
    store.claim(claim("crashed", wanted=fingerprint("espresso-cup")), START, START)
    clock = Clock()
    clock.pass_(seconds=11)
    placed_at_once(database, shop(store, clock))
    assert len(every_order(store)) == 1


def test_twenty_at_once_where_some_fail_still_place_one_order(database: Database, store: OrderStore) -> None:
    class Moody(Catalogue):
        def offer(self, product_id: str) -> object:  # type: ignore[override]
            self.asked.append(product_id)
            if len(self.asked) % 2:
                raise Conflict("not now")
            return CUP

    catalogue = Moody()
    for _ in range(3):
        placed_at_once(database, shop(store, catalogue=catalogue))
    assert len(every_order(store)) == 1
