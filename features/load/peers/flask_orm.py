"""Flask on gunicorn's gthread worker; SQLAlchemy, requests."""

import json
import re
import sys
import threading
import time

import requests
import uuid_utils
from flask import Blueprint, Flask, Response, abort, g, jsonify, request
from gunicorn.app.base import BaseApplication
from requests.adapters import HTTPAdapter
from sqlalchemy import select, text
from werkzeug.exceptions import HTTPException

from features.load.peers import common
from features.load.peers.models import Account, Order, Product, sessions

SERVICE = common.Service.read()
SESSIONS = sessions(SERVICE)
PRODUCT_ID = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
own = threading.local()
users, products, orders, health = (Blueprint(name, __name__) for name in ("users", "products", "orders", "health"))


def begin() -> None:
    g.began = time.perf_counter()
    g.request_id = common.request_id(request.headers.get("X-Request-ID", ""))


def end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    line = SERVICE.access_line(g.request_id, request.method, request.path, response.status_code, g.began)
    sys.stdout.write(json.dumps(line) + "\n")
    return response


def problem(error: HTTPException) -> tuple[Response, int]:
    return jsonify(detail=error.description), error.code or 500


def caller() -> tuple[str, str]:
    """Who asks, and the token."""
    try:
        return SERVICE.verify(request.headers.get("Authorization", ""))
    except common.BadToken as error:
        abort(401, str(error))


def body(**rules) -> dict[str, str]:
    """The request's JSON object: exactly these fields, each a text that its rule takes."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict) or set(found) != set(rules):
        abort(422, "the body")
    if not all(isinstance(found[name], str) and rule(found[name]) for name, rule in rules.items()):
        abort(422, "a field of the body")
    return found


def credentials() -> dict[str, str]:
    return body(email=lambda value: 3 < len(value) < 255, password=lambda value: 8 <= len(value) <= 128)


def paging() -> tuple[int, str | None]:
    limit = request.args.get("limit", "20")
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        abort(422, "limit")
    return int(limit), request.args.get("after")


@users.post("/users/register")
def register() -> tuple[Response, int]:
    given = credentials()
    made = Account(
        id=str(uuid_utils.uuid7()),
        email=given["email"],
        email_key=given["email"].casefold(),
        password_hash=common.hashed(given["password"]),
        status="active",
        created_at=common.now_ms(),
    )
    with SESSIONS() as database:
        database.add(made)
        database.commit()
    return jsonify(account(made)), 201


@users.post("/users/login")
def sign_in() -> Response:
    given = credentials()
    with SESSIONS() as database:
        found = database.scalar(select(Account).where(Account.email_key == given["email"].casefold()))
    if not found or not common.matches(found.password_hash, given["password"]):
        abort(401, "wrong credentials")
    return jsonify(accessToken=SERVICE.mint(found.id), tokenType="Bearer", expiresIn=common.LIFETIME)  # noqa: S106


@users.get("/users/me")
def me() -> Response:
    user, _ = caller()
    with SESSIONS() as database:
        found = database.get(Account, user)
    if found is None:
        abort(401, "the account is gone")
    if found.status != "active":
        abort(403, "the account is suspended")
    return jsonify(account(found))


@users.get(common.JWKS)
def key_set() -> Response:
    return jsonify(SERVICE.jwks())


def account(found: Account) -> dict[str, object]:
    return {"id": found.id, "email": found.email, "name": None, "createdAt": common.moment(found.created_at)}


@products.get("/products")
def list_products() -> Response:
    limit, after = paging()
    query = select(Product).order_by(Product.id).limit(limit + 1)
    with SESSIONS() as database:
        rows = database.scalars(query.where(Product.id > after) if after else query).all()
    return page(rows, limit, product)


@products.get("/products/<product_id>")
def one_product(product_id: str) -> Response:
    with SESSIONS() as database:
        found = database.get(Product, product_id)
    if found is None:
        abort(404, "no such product")
    return jsonify(product(found))


def product(row: Product) -> dict[str, object]:
    return {"id": row.id, "name": row.name, "price": {"amount": row.amount, "currency": row.currency}}


def page(rows, limit: int, shown) -> Response:
    """One row more than asked for tells that there is a next page."""
    following = rows[limit - 1].id if len(rows) > limit else None
    return jsonify(items=[shown(row) for row in rows[:limit]], next=following)


@orders.post("/orders")
def place_order() -> tuple[Response, int, dict[str, str]]:
    user, token = caller()
    product_id = body(productId=PRODUCT_ID.fullmatch)["productId"]
    check_account(user, token)
    offer = offered(product_id)
    made = Order(
        id=str(uuid_utils.uuid7()),
        user_id=user,
        product_id=offer["id"],
        product_name=offer["name"],
        amount=offer["price"]["amount"],
        currency=offer["price"]["currency"],
        created_at=common.now_ms(),
    )
    with SESSIONS() as database:
        database.add(made)
        database.commit()
    return jsonify(order(made)), 201, {"Location": f"/orders/{made.id}"}


@orders.get("/orders")
def list_orders() -> Response:
    user, _ = caller()
    limit, after = paging()
    query = select(Order).where(Order.user_id == user).order_by(Order.id.desc()).limit(limit + 1)
    with SESSIONS() as database:
        rows = database.scalars(query.where(Order.id < after) if after else query).all()
    return page(rows, limit, order)


def check_account(user: str, token: str) -> None:
    reply = ask(f"{SERVICE.users_url}/users/me", Authorization=f"Bearer {token}")
    if reply.status_code in (401, 403):
        abort(reply.status_code, "account")
    if reply.status_code != 200 or reply.json()["id"] != user:
        abort(502, "users")


def offered(product_id: str) -> dict:
    reply = ask(f"{SERVICE.products_url}/products/{product_id}")
    if reply.status_code != 200:
        abort(404 if reply.status_code == 404 else 502, "products")
    return reply.json()


def ask(url: str, **headers: str) -> requests.Response:
    """A peer's answer, over this thread's own connections."""
    if not hasattr(own, "client"):
        own.client = requests.Session()
        own.client.trust_env = False
        own.client.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=4))
    try:
        every = {"X-Request-ID": g.request_id, **headers}
        return own.client.get(url, headers=every, timeout=common.PEER_TIMEOUT)
    except requests.RequestException:
        abort(503, "a peer is unavailable")


def order(row: Order) -> dict[str, object]:
    return {
        "id": row.id,
        "productId": row.product_id,
        "userId": row.user_id,
        "createdAt": common.moment(row.created_at),
        "product": {"name": row.product_name, "price": {"amount": row.amount, "currency": row.currency}},
    }


@health.get("/livez")
def live() -> Response:
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> Response:
    with SESSIONS() as database:
        database.execute(text("SELECT 1"))
    return jsonify(status="ok")


class Server(BaseApplication):
    """gunicorn with one worker of as many threads as the shop's own services have."""

    def load_config(self) -> None:
        settings = {
            "bind": f"{SERVICE.host}:{SERVICE.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": common.THREADS,
            "keepalive": common.KEEP_ALIVE,
            "backlog": 1024,
            "loglevel": "warning",
            "graceful_timeout": 5,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = Flask(__name__)
        app.json.sort_keys = False
        app.json.compact = True
        app.before_request(begin)
        app.after_request(end)
        app.register_error_handler(HTTPException, problem)
        app.register_blueprint({"users": users, "products": products, "orders": orders}[SERVICE.name])
        app.register_blueprint(health)
        return app


if __name__ == "__main__":
    Server().run()
