"""A large catalogue is read and searched as a small one is."""

from collections.abc import Callable
from functools import partial

import pytest

from services.common.database.database import Database
from services.common.tests.growth import LARGE, SMALL, fill, grown, work
from services.products.store import LOOKED_AT, ProductStore

pytestmark = pytest.mark.whole


PRODUCTS = "'p-' || (1000000 + n), 'Cup ' || n, 'cup ' || n, 100, 'EUR'"


def product_id(number: int) -> str:
    return f"p-{1_000_000 + number}"


DEEDS: dict[str, Callable[[ProductStore], object]] = {
    "the first page": lambda store: store.page(None, "", 21),
    "a page further on": lambda store: store.page(product_id(SMALL - 30), "", 21),
    "a product": lambda store: store.find(product_id(SMALL // 2)),
    "no product": lambda store: store.find("none"),
    "another name": lambda store: store.change(product_id(SMALL // 2), "Mug", None),
    "a start": lambda store: store.is_empty() or store.seed([]),
}
SEARCHES: dict[str, Callable[[ProductStore], object]] = {
    "a search for what all have": lambda store: store.page(None, "cup", 21),
    "a search for what none has": lambda store: store.page(None, "mug", 21),
    "a search for the last": lambda store: store.page(None, f"{LARGE}", 21),
    "a search for one letter": lambda store: store.page(product_id(1), "z", 21),
}


def _works(database: Database, products: int, deeds: dict[str, Callable[[ProductStore], object]]) -> dict[str, int]:
    store = ProductStore(database)
    fill(database, "products", PRODUCTS, products)
    return {name: work(database, partial(deed, store)) for name, deed in deeds.items()}


def test_a_hundred_times_the_products_are_no_more_work(two_databases: tuple[Database, Database]) -> None:
    small, large = two_databases
    assert grown(_works(small, SMALL, DEEDS), _works(large, LARGE, DEEDS)) == {}


def test_a_search_looks_at_so_many_products_and_no_more(two_databases: tuple[Database, Database]) -> None:
    small, large = two_databases
    assert grown(_works(small, LOOKED_AT + 10, SEARCHES), _works(large, LARGE, SEARCHES)) == {}


@pytest.mark.parametrize(("number", "pages"), [(1, 1), (LOOKED_AT, 1), (LOOKED_AT + 1, 2), (2 * LOOKED_AT + 5, 3)])
def test_who_follows_next_finds_what_there_is(database: Database, number: int, pages: int) -> None:
    store = ProductStore(database)
    fill(database, "products", PRODUCTS, 2 * LOOKED_AT + 5)
    found: list[list[str]] = []
    after: str | None = None
    while not found or after:
        page = store.page(after, f"{1_000_000 + number}", 21)
        found.append([product.id for product in page.products])
        after = page.stopped_at
    assert found == [[product_id(number)] if turn == pages else [] for turn in (1, 2, 3)]
