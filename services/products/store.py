"""Products in the database."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peewee

from services.common.database import migrations
from services.common.database.database import Database, parameter
from services.common.errors import Conflict
from services.common.runtime import scope
from services.products.domain import Page, Price, Product, comparable

BATCH = 100
LOOKED_AT = 1000


class _Product(peewee.Model):
    """`name_text` is what searching compares with."""

    id = peewee.TextField(primary_key=True)
    name = peewee.TextField()
    name_text = peewee.TextField()
    amount = peewee.BigIntegerField()
    currency = peewee.TextField()

    class Meta:
        table_name = "products"


MODELS = (_Product,)
MIGRATIONS = Path(__file__).with_name("migrations")


class ProductStore:
    """Implements domain.Store. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        migrations.require(database, MIGRATIONS, [model._meta.table_name for model in MODELS])
        database.bind(MODELS)
        rows = _Product.select(_Product.id, _Product.name, _Product.amount, _Product.currency)
        page = rows.where(_Product.id > parameter("after")).order_by(_Product.id).limit(parameter("most"))
        self._by_id = database.statement(rows.where(_Product.id == parameter("id")))
        self._page = database.statement(page)

    def page(self, after: str | None, text: str, most: int) -> Page:
        if text:
            return self._search(after or "", text, most)
        with self._database.reading():
            rows = self._page.rows(after=after or "", most=most)
        return Page([_product(*row) for row in rows])

    def find(self, product_id: str) -> Product | None:
        with self._database.reading():
            rows = self._by_id.rows(id=product_id)
        return _product(*rows[0]) if rows else None

    def add(self, product: Product) -> None:
        try:
            with self._database.writing():
                _Product.insert(**_columns(product)).execute()
        except peewee.IntegrityError as error:
            raise Conflict("product-exists", "There is a product with this ID.") from error

    def change(self, product_id: str, name: str | None, price: Price | None) -> Product | None:
        with self._database.writing():
            _Product.update(**_named(name), **_priced(price)).where(_Product.id == product_id).execute()
            rows = self._by_id.rows(id=product_id)
        return _product(*rows[0]) if rows else None

    def put(self, products: Sequence[Product]) -> None:
        with self._database.writing():
            for batch in peewee.chunked(map(_columns, products), BATCH):
                _Product.insert_many(batch).on_conflict(
                    conflict_target=[_Product.id],
                    preserve=[_Product.name, _Product.name_text, _Product.amount, _Product.currency],
                ).execute()

    def is_empty(self) -> bool:
        with self._database.reading():
            return not _Product.select().exists()

    def seed(self, products: Sequence[Product]) -> bool:
        with self._database.writing():
            if _Product.select().exists():
                return False
            rows = sorted(map(_columns, products), key=lambda row: str(row["id"]))
            added = [
                _Product.insert_many(batch).on_conflict_ignore().as_rowcount().execute()
                for batch in peewee.chunked(rows, BATCH)
            ]
        return any(added)

    def _search(self, after: str, text: str, most: int) -> Page:
        """Among the next LOOKED_AT products: no index of SQLite or PostgreSQL finds each part of a text without reading
        much of a large catalogue for some.
        """
        scope.current().require_thread()
        later = _Product.id > after
        found = later & (_Product.id.contains(text) | _Product.name_text.contains(text))
        ids = _Product.select(_Product.id).where(later).order_by(_Product.id)
        with self._database.reading():
            last = ids.offset(LOOKED_AT - 1).limit(1).scalar()
            if last is not None:
                found &= _Product.id <= last
            rows = _Product.select().where(found).order_by(_Product.id).limit(most)
            return Page([_product(row.id, row.name, row.amount, row.currency) for row in rows], last)


def _columns(product: Product) -> dict[str, Any]:
    return {"id": product.id, **_named(product.name), **_priced(product.price)}


def _named(name: str | None) -> dict[str, Any]:
    return {} if name is None else {"name": name, "name_text": comparable(name)}


def _priced(price: Price | None) -> dict[str, Any]:
    return {} if price is None else {"amount": price.amount, "currency": price.currency}


def _product(product_id: str, name: str, amount: int, currency: str) -> Product:
    return Product(product_id, name, Price(amount, currency))
