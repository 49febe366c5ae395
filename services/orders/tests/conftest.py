"""The orders service over real parts: an SQLite file, and socket servers in place of users and products."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from services.common.auth.tokens import Verifier
from services.common.database.database import Database
from services.common.database.heartbeat import Heartbeat
from services.common.database.readiness import Readiness
from services.common.peers.calls import Peer
from services.common.runtime import identifiers
from services.common.runtime.timeouts import Timeouts
from services.common.tests.sockets import Behaviour, Server, answer, sends, serving
from services.common.web.app import App
from services.orders import routes
from services.orders.clients import Products, Users
from services.orders.domain import Shop
from services.orders.store import MODELS, OrderStore
from services.orders.tests.calls import Response, call
from services.orders.tests.fakes import ADA, OWN, Clock, bearer

PATIENT = Timeouts(connect=2.0, attempt=20.0, call=20.0)
"""A busy machine makes no call late."""
ACCOUNT = sends(answer(200, json.dumps({"id": ADA.id}).encode()))
PRODUCT = sends(
    answer(200, b'{"id": "espresso-cup", "name": "Espresso cup", "price": {"amount": 1250, "currency": "EUR"}}')
)


@dataclass
class Orders:
    """The service, and what stands around it; a peer does what its `script` says, one step for each request."""

    app: App
    database: Database
    path: str
    users: Server
    products: Server
    clock: Clock

    def expect(self, *, users: list[Behaviour] | None = None, products: list[Behaviour] | None = None) -> None:
        """What the peers are going to do; unless told, each answers well once."""
        self.users.script[:] = [ACCOUNT] if users is None else users
        self.products.script[:] = [PRODUCT] if products is None else products

    def place(self, product_id: str = "espresso-cup", **headers: str) -> Response:
        """Ada's order."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(self.app, "POST", "/orders", {"productId": product_id}, bearer(ADA, **named))

    def listed(self) -> list[dict[str, object]]:
        """Ada's orders, as the service lists them."""
        items: list[dict[str, object]] = call(self.app, "GET", "/orders?limit=100", headers=bearer(ADA)).body["items"]
        return items


@pytest.fixture
def timeouts() -> Timeouts:
    return PATIENT


@pytest.fixture
def orders(sqlite_url: str, timeouts: Timeouts) -> Iterator[Orders]:
    with ExitStack() as stack:
        users, products = stack.enter_context(serving()), stack.enter_context(serving())
        database = Database(sqlite_url, durable=True, busy=0.2)
        stack.callback(database.close)
        clock = Clock()
        peers = [
            Peer(name, server.url, timeouts=timeouts) for name, server in (("users", users), ("products", products))
        ]
        for peer in peers:
            stack.callback(peer.close)
        store, users_, products_ = OrderStore(database), Users(peers[0]), Products(peers[1])
        shop = Shop(store, users_, products_, clock=clock, timer=clock, new_id=identifiers.uuid7)
        heartbeat = Heartbeat(database, start=clock)
        ready = Readiness(database, heartbeat, MODELS, needs_writing=True)
        app = App("orders", verifier=Verifier(OWN, "gateproof", "gateproof"), ready=ready)
        service = Orders(
            routes.mount(app, shop), database, sqlite_url.removeprefix("sqlite:///"), users, products, clock
        )
        service.expect()
        yield service
