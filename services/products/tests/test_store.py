"""Products in real databases."""

import threading
from collections import Counter

import pytest

from services.common.database.database import Database
from services.common.tests.rivals import at_once
from services.products.domain import Catalogue, Price, Product
from services.products.store import ProductStore


def product(product_id: str, name: str = "Thing", amount: int = 100) -> Product:
    return Product(product_id, name, Price(amount, "EUR"))


@pytest.fixture
def store(database: Database) -> ProductStore:
    return ProductStore(database)


def ids(store: ProductStore, after: str | None = None, query: str = "", most: int = 100) -> list[str]:
    return [found.id for found in Catalogue(store).page(after, query, most).products]


def test_what_was_added_is_found_again(store: ProductStore) -> None:
    cup = product("cup", "Ünïcode 🙂", 10**12)
    store.add(cup)
    assert store.find("cup") == cup and store.find("mug") is None


def test_an_id_is_taken_once_also_by_twenty_at_once(store: ProductStore, database: Database) -> None:
    outcomes = at_once(database, 20, lambda number: store.add(product("cup", f"Cup {number}")))
    assert Counter(outcomes) == {None: 1, "product-exists": 19}


def test_pages_follow_each_other_by_id(store: ProductStore) -> None:
    store.put([product(name) for name in ("d", "b", "a", "c-1", "c")])
    assert ids(store, most=2) == ["a", "b"]
    assert ids(store, after="b", most=2) == ["c", "c-1"]
    assert ids(store, after="c-1") == ["d"]
    assert ids(store, after="bb") == ["c", "c-1", "d"]
    assert ids(store, after="d") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["cup", "jug", "mug", "strasse"]),
        ("CUP", ["cup"]),
        ("für", ["jug"]),
        ("FÜR", ["jug"]),
        ("fu\u0308r", ["jug"]),
        ("STRASSE", ["strasse"]),
        ("straße", ["strasse"]),
        ("50%", ["mug"]),
        ("5%0", []),
        ("%", ["mug"]),
        ("_", []),
        ("\\", []),
        ("'; DROP TABLE products; --", []),
        ("ug", ["jug", "mug"]),
        ("x" * 100, []),
    ],
)
def test_searching_knows_no_case_and_no_wildcards(store: ProductStore, query: str, found: list[str]) -> None:
    store.put(
        [
            product("cup", "Espresso Cup"),
            product("jug", "Für Milch"),
            product("mug", "50% off"),
            product("strasse", "Straße in Öl"),
        ]
    )
    assert ids(store, query=query) == found


def test_searching_and_paging_go_together(store: ProductStore) -> None:
    store.put([product(f"cup-{number}") for number in range(5)] + [product("mug")])
    assert ids(store, query="cup", after="cup-2") == ["cup-3", "cup-4"]


def test_a_change_leaves_what_is_not_named(store: ProductStore) -> None:
    store.put([product("cup", "Cup"), product("mug", "Mug")])
    assert store.change("cup", "Big cup", None) == product("cup", "Big cup")
    assert store.change("cup", None, Price(5, "JPY")) == Product("cup", "Big cup", Price(5, "JPY"))
    assert store.find("mug") == product("mug", "Mug")
    assert ids(store, query="big") == ["cup"]
    assert store.change("jug", "Jug", None) is None


def test_putting_adds_and_replaces(store: ProductStore) -> None:
    store.put([product(f"p-{number:04}") for number in range(450)])
    store.put([product("p-0007", "Replaced", 7), product("new")])
    assert store.find("p-0007") == product("p-0007", "Replaced", 7)
    assert ids(store, query="replaced") == ["p-0007"]
    assert len(ids(store, most=1000)) == 451


def test_seeding_happens_once(store: ProductStore) -> None:
    assert store.seed([product("a"), product("b")])
    assert not store.seed([product("c")])
    assert ids(store) == ["a", "b"]


def test_of_two_that_seed_at_once_one_does(store: ProductStore, database: Database) -> None:
    seeded: list[bool] = []

    def seed() -> None:
        seeded.append(store.seed([product(f"p-{number}") for number in range(30)]))
        database.peewee.close()

    threads = [threading.Thread(target=seed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seeded) == [False, False, False, True]
    assert len(ids(store)) == 30
