"""FastAPI on uvicorn with plain functions, which run in its thread pool; SQLAlchemy, httpx."""

import contextvars
import json
import sys
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uuid_utils
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from features.load.peers import common
from features.load.peers.models import Account, Order, Product, sessions

SERVICE = common.Service.read()
SESSIONS = sessions(SERVICE)
request_id = contextvars.ContextVar("request_id", default="")
client = httpx.Client(timeout=common.PEER_TIMEOUT, limits=httpx.Limits(max_connections=64), trust_env=False)
users, products, orders, health = APIRouter(), APIRouter(), APIRouter(), APIRouter()


@asynccontextmanager
async def life(_app: FastAPI):
    yield
    client.close()


class AccessLog:
    """The request ID in and out, one JSON line a request."""

    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id.set(common.request_id(given.decode("latin-1")))

        async def sending(message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.get().encode())]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            line = SERVICE.access_line(request_id.get(), scope["method"], scope["path"], status, began)
            sys.stdout.write(json.dumps(line) + "\n")


class Price(BaseModel):
    amount: int
    currency: str


class ProductAnswer(BaseModel):
    id: str
    name: str
    price: Price


class ProductPage(BaseModel):
    items: list[ProductAnswer]
    next: str | None


class AccountAnswer(BaseModel):
    id: str
    email: str
    name: str | None
    createdAt: str


class OrderedProduct(BaseModel):
    name: str
    price: Price


class OrderAnswer(BaseModel):
    id: str
    productId: str
    userId: str
    createdAt: str
    product: OrderedProduct


class OrderPage(BaseModel):
    items: list[OrderAnswer]
    next: str | None


class Credentials(BaseModel):
    email: str = Field(max_length=254)
    password: str = Field(min_length=8, max_length=128)


class OrderRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    productId: str = Field(min_length=1, max_length=64, pattern="^[a-z0-9-]+$")


def caller(authorization: Annotated[str, Header()] = "") -> tuple[str, str]:
    """Who asks, and the token."""
    try:
        return SERVICE.verify(authorization)
    except common.BadToken as error:
        raise HTTPException(401, str(error)) from error


def session() -> Iterator[Session]:
    with SESSIONS() as one:
        yield one


CALLER = Annotated[tuple[str, str], Depends(caller)]
DATABASE = Annotated[Session, Depends(session)]
LIMIT = Annotated[int, Query(ge=1, le=100)]
AFTER = Annotated[str | None, Query(max_length=64)]


@users.post("/users/register", status_code=201)
def register(body: Credentials, database: DATABASE) -> AccountAnswer:
    made = Account(
        id=str(uuid_utils.uuid7()),
        email=body.email,
        email_key=body.email.casefold(),
        password_hash=common.hashed(body.password),
        status="active",
        created_at=common.now_ms(),
    )
    database.add(made)
    database.commit()
    return account(made)


@users.post("/users/login")
def sign_in(body: Credentials, database: DATABASE) -> dict[str, str | int]:
    found = database.scalar(select(Account).where(Account.email_key == body.email.casefold()))
    if not found or not common.matches(found.password_hash, body.password):
        raise HTTPException(401, "wrong credentials")
    return {"accessToken": SERVICE.mint(found.id), "tokenType": "Bearer", "expiresIn": common.LIFETIME}


@users.get("/users/me")
def me(who: CALLER, database: DATABASE) -> AccountAnswer:
    found = database.get(Account, who[0])
    if found is None:
        raise HTTPException(401, "the account is gone")
    if found.status != "active":
        raise HTTPException(403, "the account is suspended")
    return account(found)


@users.get(common.JWKS)
def key_set() -> dict[str, object]:
    return SERVICE.jwks()


def account(found: Account) -> AccountAnswer:
    return AccountAnswer(id=found.id, email=found.email, name=None, createdAt=common.moment(found.created_at))


@products.get("/products")
def list_products(database: DATABASE, limit: LIMIT = 20, after: AFTER = None) -> ProductPage:
    query = select(Product).order_by(Product.id).limit(limit + 1)
    rows = database.scalars(query.where(Product.id > after) if after else query).all()
    return ProductPage(items=[product(row) for row in rows[:limit]], next=following(rows, limit))


@products.get("/products/{product_id}")
def one_product(product_id: str, database: DATABASE) -> ProductAnswer:
    found = database.get(Product, product_id)
    if found is None:
        raise HTTPException(404, "no such product")
    return product(found)


def product(row: Product) -> ProductAnswer:
    return ProductAnswer(id=row.id, name=row.name, price=Price(amount=row.amount, currency=row.currency))


def following(rows, limit: int) -> str | None:
    """One row more than asked for tells that there is a next page."""
    return rows[limit - 1].id if len(rows) > limit else None


@orders.post("/orders", status_code=201)
def place_order(body: OrderRequest, who: CALLER, database: DATABASE, response: Response) -> OrderAnswer:
    user, token = who
    check_account(user, token)
    offer = offered(body.productId)
    made = Order(
        id=str(uuid_utils.uuid7()),
        user_id=user,
        product_id=offer.id,
        product_name=offer.name,
        amount=offer.price.amount,
        currency=offer.price.currency,
        created_at=common.now_ms(),
    )
    database.add(made)
    database.commit()
    response.headers["Location"] = f"/orders/{made.id}"
    return order(made)


@orders.get("/orders")
def list_orders(who: CALLER, database: DATABASE, limit: LIMIT = 20, after: AFTER = None) -> OrderPage:
    query = select(Order).where(Order.user_id == who[0]).order_by(Order.id.desc()).limit(limit + 1)
    rows = database.scalars(query.where(Order.id < after) if after else query).all()
    return OrderPage(items=[order(row) for row in rows[:limit]], next=following(rows, limit))


def check_account(user: str, token: str) -> None:
    reply = ask(f"{SERVICE.users_url}/users/me", Authorization=f"Bearer {token}")
    if reply.status_code in (401, 403):
        raise HTTPException(reply.status_code, "account")
    if reply.status_code != 200 or reply.json()["id"] != user:
        raise HTTPException(502, "users")


def offered(product_id: str) -> ProductAnswer:
    reply = ask(f"{SERVICE.products_url}/products/{product_id}")
    if reply.status_code != 200:
        raise HTTPException(404 if reply.status_code == 404 else 502, "products")
    return ProductAnswer.model_validate(reply.json())


def ask(url: str, **headers: str) -> httpx.Response:
    """A peer's answer."""
    try:
        return client.get(url, headers={"X-Request-ID": request_id.get(), **headers})
    except httpx.HTTPError as error:
        raise HTTPException(503, "a peer is unavailable") from error


def order(row: Order) -> OrderAnswer:
    price = Price(amount=row.amount, currency=row.currency)
    return OrderAnswer(
        id=row.id,
        productId=row.product_id,
        userId=row.user_id,
        createdAt=common.moment(row.created_at),
        product=OrderedProduct(name=row.product_name, price=price),
    )


@health.get("/livez")
def live() -> dict[str, str]:
    return {"status": "ok"}


@health.get("/readyz")
def ready(database: DATABASE) -> dict[str, str]:
    database.execute(text("SELECT 1"))
    return {"status": "ok"}


def main() -> None:
    app = FastAPI(lifespan=life)
    app.add_middleware(AccessLog)
    app.include_router({"users": users, "products": products, "orders": orders}[SERVICE.name])
    app.include_router(health)
    uvicorn.run(
        app,
        host=SERVICE.host,
        port=SERVICE.port,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=common.KEEP_ALIVE,
        timeout_graceful_shutdown=5,
        backlog=1024,
    )


if __name__ == "__main__":
    main()
