"""FastAPI on uvicorn with uvloop, aiohttp as the client, sqlite3 without an ORM; one process a service.

Small reads run in the event loop, over its own connection; writes run in one thread of their own.
"""

import asyncio
import contextvars
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Annotated, Any

import aiohttp
import orjson
import uuid_utils
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from features.load.peers import common

SERVICE = common.Service.read()
LIMIT = Annotated[int, Query(ge=1, le=100)]
AFTER = Annotated[str, Query(max_length=64)]
ORDER = "id, user_id, product_id, product_name, amount, currency, created_at"
request_id = contextvars.ContextVar("request_id", default="")
reader, writes = SERVICE.connect(), SERVICE.connect()
writer, passwords = ThreadPoolExecutor(1), ThreadPoolExecutor(2)
users, products, orders = APIRouter(), APIRouter(), APIRouter()


@asynccontextmanager
async def life(app: FastAPI):
    """The client lives as long as the loop."""
    timeout = aiohttp.ClientTimeout(total=common.PEER_TIMEOUT)
    connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=60)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as app.state.client:
        yield


class AccessLog:
    """Pure ASGI: the request ID in and out, one JSON line a request."""

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
            os.write(1, orjson.dumps(line) + b"\n")


class Credentials(BaseModel):
    email: str = Field(max_length=254)
    password: str = Field(min_length=8, max_length=128)


class OrderRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    productId: str = Field(min_length=1, max_length=64, pattern="^[a-z0-9-]+$")


async def caller(authorization: Annotated[str, Header()] = "") -> tuple[str, str]:
    """Who asks, and the token."""
    try:
        return SERVICE.verify(authorization)
    except common.BadToken as error:
        raise HTTPException(401, str(error)) from error


CALLER = Annotated[tuple[str, str], Depends(caller)]


async def run(pool: ThreadPoolExecutor, work, *arguments) -> Any:
    """The result of work that would hold the loop up."""
    return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)


def answer(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON."""
    return Response(orjson.dumps(content), status, headers, "application/json")


@users.post("/users/register")
async def register(body: Credentials) -> Response:
    secret = await run(passwords, common.hashed, body.password)
    row = (str(uuid_utils.uuid7()), body.email, body.email.casefold(), secret, "active", common.now_ms())
    await run(writer, writes.execute, "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)", row)
    return answer(account(row[0], row[1], row[5]), 201)


@users.post("/users/login")
async def sign_in(body: Credentials) -> Response:
    found = reader.execute("SELECT id, password_hash FROM accounts WHERE email_key = ?", (body.email.casefold(),))
    row = found.fetchone()
    if not row or not await run(passwords, common.matches, row[1], body.password):
        raise HTTPException(401, "wrong credentials")
    return answer({"accessToken": SERVICE.mint(row[0]), "tokenType": "Bearer", "expiresIn": common.LIFETIME})


@users.get("/users/me")
async def me(who: CALLER) -> Response:
    found = reader.execute("SELECT id, email, created_at, status FROM accounts WHERE id = ?", (who[0],))
    row = found.fetchone()
    if not row:
        raise HTTPException(401, "the account is gone")
    if row[3] != "active":
        raise HTTPException(403, "the account is suspended")
    return answer(account(*row[:3]))


@users.get(common.JWKS)
async def key_set() -> Response:
    return answer(SERVICE.jwks())


def account(account_id: str, email: str, created: int) -> dict[str, object]:
    return {"id": account_id, "email": email, "name": None, "createdAt": common.moment(created)}


@products.get("/products")
async def list_products(limit: LIMIT = 20, after: AFTER = "") -> Response:
    query = "SELECT id, name, amount, currency FROM products WHERE id > ? ORDER BY id LIMIT ?"
    return page(reader.execute(query, (after, limit + 1)).fetchall(), limit, product)


@products.get("/products/{product_id}")
async def one_product(product_id: str) -> Response:
    row = reader.execute("SELECT id, name, amount, currency FROM products WHERE id = ?", (product_id,)).fetchone()
    if not row:
        raise HTTPException(404, "no such product")
    return answer(product(row))


def product(row) -> dict[str, object]:
    return {"id": row[0], "name": row[1], "price": {"amount": row[2], "currency": row[3]}}


def page(rows: list, limit: int, shown) -> Response:
    """One row more than asked for tells that there is a next page."""
    following = rows[limit - 1][0] if len(rows) > limit else None
    return answer({"items": [shown(row) for row in rows[:limit]], "next": following})


@orders.post("/orders")
async def place_order(body: OrderRequest, who: CALLER, request: Request) -> Response:
    user, token = who
    client = request.app.state.client
    status, asked = await ask(client, f"{SERVICE.users_url}/users/me", Authorization=f"Bearer {token}")
    if status in (401, 403):
        raise HTTPException(status, "account")
    if status != 200 or asked["id"] != user:
        raise HTTPException(502, "users")
    status, offer = await ask(client, f"{SERVICE.products_url}/products/{body.productId}")
    if status != 200:
        raise HTTPException(404 if status == 404 else 502, "products")
    price = offer["price"]
    made = (str(uuid_utils.uuid7()), user, offer["id"], offer["name"], price["amount"], price["currency"])
    row = (*made, common.now_ms())
    await run(writer, writes.execute, "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return answer(order(row), 201, {"Location": f"/orders/{row[0]}"})


@orders.get("/orders")
async def list_orders(who: CALLER, limit: LIMIT = 20, after: AFTER = "~") -> Response:
    query = f"SELECT {ORDER} FROM orders WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?"  # noqa: S608  # columns
    return page(reader.execute(query, (who[0], after, limit + 1)).fetchall(), limit, order)


async def ask(client: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, Any]:
    """A peer's status and JSON."""
    try:
        async with client.get(url, headers={"X-Request-ID": request_id.get(), **headers}) as reply:
            return reply.status, orjson.loads(await reply.read())
    except (aiohttp.ClientError, TimeoutError) as error:
        raise HTTPException(503, "a peer is unavailable") from error


def order(row) -> dict[str, object]:
    bought = {"name": row[3], "price": {"amount": row[4], "currency": row[5]}}
    made = {"id": row[0], "productId": row[2], "userId": row[1], "createdAt": common.moment(row[6])}
    return {**made, "product": bought}


health = APIRouter()


@health.get("/livez")
async def live() -> Response:
    return answer({"status": "ok"})


@health.get("/readyz")
async def ready() -> Response:
    reader.execute("SELECT 1").fetchone()
    return answer({"status": "ok"})


def main() -> None:
    app = FastAPI(lifespan=life, openapi_url=None)
    app.add_middleware(AccessLog)
    app.include_router({"users": users, "products": products, "orders": orders}[SERVICE.name])
    app.include_router(health)
    uvicorn.run(
        app,
        host=SERVICE.host,
        port=SERVICE.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=common.KEEP_ALIVE,
        timeout_graceful_shutdown=5,
        backlog=1024,
    )


if __name__ == "__main__":
    main()
