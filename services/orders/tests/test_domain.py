"""Placing an order: who is asked in which order, and what a failure leaves."""

from datetime import datetime
from typing import Any

import pytest

from services.common.errors import (
    Forbidden,
    NotFound,
    PeerFailed,
    PeerTimeout,
    PeerUnavailable,
    ServiceError,
    Unauthenticated,
    Unavailable,
)
from services.orders.domain import Order, Shop
from services.orders.tests.fakes import ADA, BOB, CUP, START, Accounts, Catalogue, Clock, Ids, Store, Untouchable


def shop(store: Any, accounts: Any = None, catalogue: Any = None, clock: Clock | None = None) -> Shop:
    clock = clock or Clock()
    return Shop(store, accounts or Accounts(), catalogue or Catalogue(), clock=clock, timer=clock, new_id=Ids())


def test_an_order_says_who_what_when_and_for_how_much() -> None:
    store = Store()
    placed = shop(store).place(ADA, "espresso-cup", None)
    assert placed == Order("id-0001", ADA.id, CUP, START)
    assert store.kept == [placed]


def test_without_a_key_nothing_is_claimed() -> None:
    store = Store()
    shop(store).place(ADA, "espresso-cup", None)
    assert store.done == ["add"]


def test_with_a_key_it_is_claimed_first_and_kept_with_the_order() -> None:
    store = Store()
    shop(store).place(ADA, "espresso-cup", "k1")
    assert store.done == ["claim", "add"]


def test_the_account_is_checked_in_the_customers_name_before_the_product_is_asked_for() -> None:
    accounts = Accounts(Unauthenticated())
    with pytest.raises(Unauthenticated):
        shop(Untouchable(), accounts, Untouchable()).place(ADA, "espresso-cup", None)
    assert accounts.asked == [ADA]


def test_what_cannot_be_claimed_asks_nobody() -> None:
    with pytest.raises(Unavailable):
        shop(Store(claim=Unavailable()), Untouchable(), Untouchable()).place(ADA, "espresso-cup", "k1")


FAULTS: list[ServiceError] = [
    Unauthenticated(),
    Forbidden("account-suspended"),
    PeerUnavailable("users"),
    PeerFailed("users"),
    PeerTimeout("users"),
]


@pytest.mark.parametrize("fault", [*FAULTS, ValueError("a mistake")])
def test_a_failure_frees_the_key_and_is_the_answer(fault: Exception) -> None:
    store = Store()
    with pytest.raises(type(fault)):
        shop(store, accounts=Accounts(fault)).place(ADA, "espresso-cup", "k1")
    assert store.done == ["claim", "release"]


def test_an_unknown_product_frees_the_key() -> None:
    store = Store()
    with pytest.raises(NotFound):
        shop(store, catalogue=Catalogue(NotFound("product-not-found"))).place(ADA, "nothing", "k1")
    assert store.done == ["claim", "release"]


def test_a_database_that_failed_is_asked_once_more_to_free_the_key() -> None:
    store = Store(add=Unavailable())
    with pytest.raises(Unavailable) as refused:
        shop(store).place(ADA, "espresso-cup", "k1")
    assert store.done == ["claim", "add", "release"]
    assert refused.value.retry_after == 1


def test_while_the_key_cannot_be_freed_it_is_worth_trying_again_when_its_lease_is_over() -> None:
    clock = Clock()
    store = Store(add=Unavailable(), release=Unavailable())
    slow = Accounts()
    slow.meanwhile = lambda: clock.pass_(seconds=1.8)
    with pytest.raises(Unavailable) as refused:
        shop(store, slow, clock=clock).place(ADA, "espresso-cup", "k1")
    assert refused.value.retry_after == 5


def test_a_timer_that_fails_too_does_not_hide_the_reason() -> None:
    class Stopped(Clock):
        def __call__(self) -> datetime:
            if store.done[-1:] == ["release"]:
                raise Unavailable(detail="the timer's")
            return super().__call__()

    store = Store(add=Unavailable(detail="the order's"), release=Unavailable())
    with pytest.raises(Unavailable, match="the order's") as refused:
        shop(store, clock=Stopped()).place(ADA, "espresso-cup", "k1")
    assert refused.value.retry_after == 5


def test_a_key_that_cannot_be_freed_does_not_hide_the_reason() -> None:
    store = Store(release=Unavailable())
    with pytest.raises(PeerTimeout):
        shop(store, accounts=Accounts(PeerTimeout("users"))).place(ADA, "espresso-cup", "k1")


def test_another_customers_order_is_not_found() -> None:
    store = Store()
    placed = shop(store).place(ADA, "espresso-cup", None)
    assert shop(store).order(ADA.id, placed.id) == placed
    with pytest.raises(NotFound) as refused:
        shop(store).order(BOB.id, placed.id)
    assert refused.value.code == "order-not-found"
