"""The HTTP face of the catalogue."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from services.common.auth.tokens import Caller
from services.common.errors import Conflict, NotFound
from services.common.web import paging
from services.common.web.app import Answer, App, created, ok
from services.common.web.bodies import VISIBLE, RequestSchema, visible
from services.common.web.paging import PageQuery
from services.products.domain import CURRENCY, LARGEST_AMOUNT, LONGEST_NAME, SLUG, Catalogue, Price, Product

PRODUCT_ID = "espresso-cup"
Slug = Annotated[str, Field(pattern=SLUG, examples=[PRODUCT_ID])]
Name = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S", examples=["Espresso cup"], json_schema_extra=VISIBLE),
    AfterValidator(visible),
]
Amount = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, examples=[1250], description="In minor units.")]
Currency = Annotated[str, Field(pattern=CURRENCY, examples=["EUR"], description="An ISO 4217 code.")]
UNKNOWN = NotFound("product-not-found", f"There is no product {PRODUCT_ID!r}.")
SEARCHED = "Part of an ID or a name, in any case. A page may hold fewer than `limit`, even none, and yet have a `next`."
SEGMENTS = {"product_id": {"examples": [PRODUCT_ID]}}


class Money(RequestSchema):
    amount: Amount
    currency: Currency


class ProductPrice(TypedDict):
    amount: Amount
    currency: Currency


class NewProduct(RequestSchema):
    id: Slug
    name: Name
    price: Money


def _nothing() -> Any:
    return None


class ProductChange(RequestSchema):
    """At least one of the two; what is left out is None, and null is not a value."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Name = Field(default_factory=_nothing)
    price: Money = Field(default_factory=_nothing)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must have a name, a price or both")
        return self


class CatalogueQuery(PageQuery):
    """`q`: part of an ID or a name, in any case."""

    q: Annotated[str, Field(max_length=100, description=SEARCHED)] = ""


class ProductAnswer(TypedDict):
    id: Annotated[str, Field(examples=[PRODUCT_ID])]
    name: Annotated[str, Field(examples=["Espresso cup"])]
    price: ProductPrice


class ProductPage(TypedDict):
    items: list[ProductAnswer]
    next: Annotated[str | None, Field(description=paging.NEXT, examples=[PRODUCT_ID])]


def mount(app: App, catalogue: Catalogue) -> App:
    """Give `app` its routes."""

    @app.get(
        "/products",
        auth=False,
        query=CatalogueQuery,
        answers={200: ProductPage},
        quick=True,
        summary="The catalogue, by ID",
    )
    def list_products(query: CatalogueQuery) -> Answer:
        found = catalogue.page(query.after, query.q, query.limit + 1)
        page, following = paging.cut(found.products, query.limit, lambda product: product.id)
        return ok(ProductPage(items=[_shown(product) for product in page], next=following or found.stopped_at))

    @app.get(
        "/products/<product_id>",
        auth=False,
        answers={200: ProductAnswer},
        problems=[UNKNOWN],
        segments=SEGMENTS,
        quick=True,
        summary="One product",
    )
    def get_product(product_id: str) -> Answer:
        return ok(_shown(catalogue.product(product_id)))

    @app.post(
        "/products",
        auth="admin",
        takes=NewProduct,
        answers={201: ProductAnswer},
        problems=[Conflict("product-exists")],
        located=True,
        summary="Add a product",
    )
    def add_product(caller: Caller, body: NewProduct) -> Answer:
        added = catalogue.add(Product(body.id, body.name, _price(body.price)))
        return created(_shown(added), location=f"/products/{added.id}")

    @app.patch(
        "/products/<product_id>",
        auth="admin",
        takes=ProductChange,
        answers={200: ProductAnswer},
        problems=[UNKNOWN],
        segments=SEGMENTS,
        summary="Change the name or the price of a product",
    )
    def change_product(caller: Caller, product_id: str, body: ProductChange) -> Answer:
        """What is left out stays as it is. Orders keep the name and the price that they were placed with."""
        price = _price(body.price) if body.price else None
        return ok(_shown(catalogue.change(product_id, body.name, price)))

    return app


def _price(money: Money) -> Price:
    return Price(money.amount, money.currency)


def _shown(product: Product) -> ProductAnswer:
    price: ProductPrice = {"amount": product.price.amount, "currency": product.price.currency}
    return {"id": product.id, "name": product.name, "price": price}
