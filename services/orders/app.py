"""Orders, put together."""

from typing import cast

from services.common.auth.published import PublishedKeys
from services.common.auth.tokens import Verifier
from services.common.database.database import Database
from services.common.database.heartbeat import Heartbeat
from services.common.database.readiness import Readiness
from services.common.peers.calls import Peer
from services.common.runtime import identifiers, times
from services.common.runtime.metrics import Metrics
from services.common.runtime.settings import Common, PeerUrl
from services.common.web.app import App
from services.common.web.samples import Json
from services.orders import routes
from services.orders.clients import Products, Users
from services.orders.domain import Shop
from services.orders.store import MODELS, OrderStore

ISSUER = "users"


class OrdersSettings(Common):
    users_url: PeerUrl
    products_url: PeerUrl


def build(settings: OrdersSettings) -> App:
    """The service, its tables there. Raises Unavailable without a database; the peers need not be there yet."""
    metrics = Metrics()
    database = Database(settings.database_url, durable=True)
    to_users = Peer(ISSUER, settings.users_url, counted=metrics.peer_called)
    to_products = Peer("products", settings.products_url, counted=metrics.peer_called)
    users, products = Users(to_users), Products(to_products)
    store = OrderStore(database)
    heartbeat = Heartbeat(database, start=lambda: min(times.now(), store.last_claim() or times.now()))
    shop = Shop(store, users, products, clock=times.now, timer=heartbeat, new_id=identifiers.uuid7)
    keys = PublishedKeys(ISSUER, users.keys)
    app = App(
        "orders",
        verifier=Verifier(keys, settings.jwt_issuer, settings.jwt_audience),
        issuer=ISSUER,
        ready=Readiness(database, heartbeat, MODELS, needs_writing=True),
        metrics=metrics,
        begin=keys.start,
        end=[keys.close, to_users.close, to_products.close, database.close],
    )
    return routes.mount(app, shop)


def outline() -> App:
    """The routes alone, with nothing behind them: enough to describe them."""
    return routes.mount(App("orders", issuer=ISSUER), cast(Shop, None))


def document() -> Json:
    """The OpenAPI document."""
    return outline().document()
