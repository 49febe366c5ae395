"""The catalogue: what there is to buy, and for how much."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from services.common.errors import NotFound

SLUG = r"^[a-z0-9-]{1,64}$"
CURRENCY = r"^[A-Z]{3}$"
LARGEST_AMOUNT = 10**12
LONGEST_NAME = 200


class Price(NamedTuple):
    """`amount` is in minor units of `currency`, an ISO 4217 code: 1250 EUR are 12.50 euros."""

    amount: int
    currency: str


class Product(NamedTuple):
    id: str
    name: str
    price: Price


class Page(NamedTuple):
    """Products by ID. A search looks at only so many for a page; `stopped_at` is the ID of the last that it looked at,
    None if none follows.
    """

    products: Sequence[Product]
    stopped_at: str | None = None


class Store(Protocol):
    """Where products are kept."""

    def page(self, after: str | None, text: str, most: int) -> Page:
        """Up to `most` products by ID whose ID or name contains `text`, which is as `comparable` makes it."""

    def find(self, product_id: str) -> Product | None: ...

    def add(self, product: Product) -> None:
        """Raises Conflict("product-exists")."""

    def change(self, product_id: str, name: str | None, price: Price | None) -> Product | None:
        """The product as it is then; None where there is none."""

    def put(self, products: Sequence[Product]) -> None:
        """Add them, or put them in the place of those with the same IDs; all or none."""

    def seed(self, products: Sequence[Product]) -> bool:
        """Add them if there are no products at all; whether that was so."""


class Catalogue:
    """What can be done with products."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, after: str | None, query: str, most: int) -> Page:
        """Up to `most` products after the ID `after` whose ID or name contains `query`, whatever its case."""
        return self._store.page(after, comparable(query), most)

    def product(self, product_id: str) -> Product:
        """Raises NotFound("product-not-found"); what cannot be an ID is not looked for."""
        return _existing(product_id, self._store.find(product_id) if _is_slug(product_id) else None)

    def add(self, product: Product) -> Product:
        """Raises Conflict("product-exists")."""
        self._store.add(product)
        return product

    def change(self, product_id: str, name: str | None, price: Price | None) -> Product:
        """The product with another name, price or both; None leaves it. Raises NotFound("product-not-found")."""
        return _existing(product_id, self._store.change(product_id, name, price) if _is_slug(product_id) else None)


def comparable(text: str) -> str:
    """What two texts have in common that are the same but for case."""
    return unicodedata.normalize("NFC", text).casefold()


def _is_slug(product_id: str) -> bool:
    return re.fullmatch(SLUG, product_id) is not None


def _existing(product_id: str, product: Product | None) -> Product:
    if product is None:
        raise NotFound("product-not-found", f"There is no product {product_id!a:.70}.")
    return product
