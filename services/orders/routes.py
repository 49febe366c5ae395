"""The HTTP face of the shop."""

import re
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from services.common.auth.tokens import Caller
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
from services.common.runtime.times import rfc3339
from services.common.web.app import Answer, App, created, header, ok
from services.common.web.bodies import RequestSchema, Time
from services.common.web.paging import AFTER, NEXT, PageQuery, cut
from services.orders.domain import Customer, Order, Shop

KEY = "Idempotency-Key"
KEY_SCHEMA = {
    **{"type": "string", "minLength": 1, "maxLength": 255, "pattern": '^(?!""$)[!-~]+$'},
    "description": "The caller's own name for this order, kept for two days. The same request with the same key is "
    "answered as it was the first time, and orders nothing more. Quotes around it (the IETF's draft) do not count.",
}
KEY_TEXT = re.compile(r"[!-~]{1,255}", re.ASCII)
QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
"""A String of RFC 8941, as draft-ietf-httpapi-idempotency-key-header has it: its content is the key."""
ORDER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
PEERS = ("users", "products")
UNKNOWN = "You have no order with this ID."
EXAMPLE_ID = "019a8f3e-5b7c-7d10-9c2e-3f4a5b6c7d8e"


class OrderRequest(RequestSchema):
    product_id: Annotated[str, Field(min_length=1, max_length=64, examples=["espresso-cup"])]


class PriceAnswer(TypedDict):
    amount: Annotated[int, Field(description="In minor units of the currency.", examples=[1250])]
    currency: Annotated[str, Field(description="An ISO 4217 code.", examples=["EUR"])]


class OrderedProduct(TypedDict):
    """The product as it was when it was ordered."""

    name: Annotated[str, Field(examples=["Espresso cup"])]
    price: PriceAnswer


class OrderAnswer(TypedDict):
    id: Annotated[str, Field(examples=[EXAMPLE_ID])]
    productId: Annotated[str, Field(examples=["espresso-cup"])]
    userId: Annotated[str, Field(examples=["019a8f3e-1a2b-7c3d-8e4f-5a6b7c8d9e0f"])]
    createdAt: Time
    product: OrderedProduct


class OrdersAnswer(TypedDict):
    items: list[OrderAnswer]
    next: Annotated[str | None, Field(description=NEXT, examples=[EXAMPLE_ID])]


class OrdersQuery(PageQuery):
    after: Annotated[str, Field(pattern=f"^{ORDER_ID.pattern}$")] | None = Field(default=None, description=AFTER)


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
        located=True,
        summary="Order a product",
    )
    def place_order(caller: Caller, body: OrderRequest) -> Answer:
        """The order keeps the name and the price of the product as they are now.

        Where no answer comes, or a 5xx, the same request may be sent again with the same `Idempotency-Key`: the product
        is ordered once, however often that takes.
        """
        order = shop.place(Customer(caller.id, caller.token), body.product_id, _idempotency_key())
        return created(_shown(order), location=f"/orders/{order.id}")

    @app.get(
        "/orders",
        query=OrdersQuery,
        answers={200: OrdersAnswer},
        quick=True,
        summary="The caller's own orders, the newest first",
    )
    def list_orders(caller: Caller, query: OrdersQuery) -> Answer:
        page, following = cut(shop.orders(caller.id, query.limit + 1, query.after), query.limit, lambda order: order.id)
        return ok(OrdersAnswer(items=[_shown(order) for order in page], next=following))

    @app.get(
        "/orders/<order_id>",
        answers={200: OrderAnswer},
        problems=[NotFound("order-not-found", UNKNOWN)],
        segments={"order_id": {"examples": [EXAMPLE_ID]}},
        quick=True,
        summary="One of the caller's own orders",
    )
    def get_order(caller: Caller, order_id: str) -> Answer:
        if not ORDER_ID.fullmatch(order_id):
            raise NotFound("order-not-found", UNKNOWN)
        return ok(_shown(shop.order(caller.id, order_id)))

    return app


def _idempotency_key() -> str | None:
    key = header(KEY)
    if key and (quoted := QUOTED.fullmatch(key)):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    if key is not None and not KEY_TEXT.fullmatch(key):
        raise Invalid(errors=[FieldError(f"/{KEY}", "must be 1 to 255 visible ASCII characters")])
    return key


def _shown(order: Order) -> OrderAnswer:
    price: PriceAnswer = {"amount": order.offer.price.amount, "currency": order.offer.price.currency}
    return {
        "id": order.id,
        "productId": order.offer.product_id,
        "userId": order.user_id,
        "createdAt": rfc3339(order.created_at),
        "product": {"name": order.offer.name, "price": price},
    }
