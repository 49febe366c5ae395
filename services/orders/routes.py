"""The HTTP face of the shop."""

import re
from typing import Annotated

from pydantic import Field

from services.common.bodies import RequestSchema, Schema
from services.common.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    PeerFailed,
    PeerTimeout,
    PeerUnavailable,
)
from services.common.paging import PageQuery, cut
from services.common.times import rfc3339
from services.common.tokens import Caller
from services.common.web import Answer, App, created, header, ok
from services.orders.domain import Customer, Order, Shop

KEY = "Idempotency-Key"
KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
KEY_TEXT = re.compile(r"[!-~]{1,255}", re.ASCII)
ORDER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
PEERS = ("users", "products")


class OrderRequest(RequestSchema):
    product_id: Annotated[str, Field(min_length=1, max_length=64, examples=["espresso-cup"])]


class PriceAnswer(Schema):
    amount: int = Field(description="In minor units of the currency.")
    currency: str


class ProductAnswer(Schema):
    """The product as it was when it was ordered."""

    name: str
    price: PriceAnswer


class OrderAnswer(Schema):
    id: str
    product_id: str
    user_id: str
    created_at: str = Field(json_schema_extra={"format": "date-time"})
    product: ProductAnswer


class OrdersAnswer(Schema):
    items: list[OrderAnswer]
    next: str | None = Field(description="The value for `after` of the next page, null on the last.")


class OrdersQuery(PageQuery):
    after: Annotated[str, Field(pattern=f"^{ORDER_ID.pattern}$")] | None = None


def mount(app: App, shop: Shop) -> App:
    """Give `app` its routes."""

    @app.post(
        "/orders",
        takes=OrderRequest,
        headers={KEY: KEY_SCHEMA},
        answers={201: OrderAnswer},
        problems=[
            NotFound("product-not-found"),
            Forbidden("account-suspended"),
            Conflict("request-in-progress", retry_after=1),
            Invalid("idempotency-key-reused"),
            *(error(peer) for peer in PEERS for error in (PeerUnavailable, PeerFailed, PeerTimeout)),
        ],
        summary="Order a product",
    )
    def place(caller: Caller, body: OrderRequest) -> Answer:
        order = shop.place(Customer(caller.id, caller.token), body.product_id, _idempotency_key())
        return created(_shown(order), location=f"/orders/{order.id}")

    @app.get(
        "/orders",
        query=OrdersQuery,
        answers={200: OrdersAnswer},
        summary="The caller's own orders, the newest first",
    )
    def orders(caller: Caller, query: OrdersQuery) -> Answer:
        page, following = cut(shop.orders(caller.id, query.limit + 1, query.after), query.limit, lambda order: order.id)
        return ok(OrdersAnswer(items=[_shown(order) for order in page], next=following))

    @app.get(
        "/orders/<order_id>",
        answers={200: OrderAnswer},
        problems=[NotFound("order-not-found")],
        summary="One of the caller's own orders",
    )
    def order(caller: Caller, order_id: str) -> Answer:
        if not ORDER_ID.fullmatch(order_id):
            raise NotFound("order-not-found", "You have no order with this ID.")
        return ok(_shown(shop.order(caller.id, order_id)))

    return app


def _idempotency_key() -> str | None:
    key = header(KEY)
    if key is not None and not KEY_TEXT.fullmatch(key):
        raise Invalid(errors=[FieldError(f"/{KEY}", "must be 1 to 255 visible ASCII characters")])
    return key


def _shown(order: Order) -> OrderAnswer:
    price = PriceAnswer(amount=order.offer.price.amount, currency=order.offer.price.currency)
    return OrderAnswer(
        id=order.id,
        product_id=order.offer.product_id,
        user_id=order.user_id,
        created_at=rfc3339(order.created_at),
        product=ProductAnswer(name=order.offer.name, price=price),
    )
