"""Products, put together."""

from contextlib import closing
from pathlib import Path
from typing import IO, cast

import structlog
from pydantic import field_validator

from services.common.auth.published import PublishedKeys
from services.common.auth.tokens import Verifier
from services.common.database.database import Database
from services.common.database.heartbeat import Heartbeat
from services.common.database.readiness import Readiness
from services.common.errors import SettingsError
from services.common.peers.calls import Peer
from services.common.runtime.commands import Report
from services.common.runtime.metrics import Metrics
from services.common.runtime.settings import Common, DatabaseSettings, PeerUrl
from services.common.web.app import App
from services.common.web.samples import Json
from services.products import listing, routes
from services.products.clients import Users
from services.products.domain import Catalogue
from services.products.store import MODELS, ProductStore

ISSUER = "users"
PACKAGED = Path(__file__).with_name("catalogue.csv")

log = structlog.get_logger()


class ProductsSettings(Common):
    """`catalogue_file`: what an empty database is filled with on the first start."""

    users_url: PeerUrl
    catalogue_file: Path = PACKAGED

    @field_validator("catalogue_file")
    @classmethod
    def _readable(cls, path: Path) -> Path:
        if not path.is_file():
            raise ValueError("is not a file")
        return path


def build(settings: ProductsSettings) -> App:
    """The service, its tables there, and filled.

    Raises Unavailable without a database, SettingsError when it is to be filled with a file that has a bad row.
    """
    database = Database(settings.database_url, durable=False)
    store = ProductStore(database)
    try:
        _seed(store, settings.catalogue_file)
    except SettingsError:
        database.close()
        raise
    metrics = Metrics()
    peer = Peer(ISSUER, settings.users_url, counted=metrics.peer_called)
    keys = PublishedKeys(ISSUER, Users(peer).keys)
    app = App(
        "products",
        verifier=Verifier(keys, settings.jwt_issuer, settings.jwt_audience),
        issuer=ISSUER,
        ready=Readiness(database, Heartbeat(database), MODELS, needs_writing=False),
        metrics=metrics,
        begin=keys.start,
        end=[keys.close, peer.close, database.close],
    )
    return routes.mount(app, Catalogue(store))


def outline() -> App:
    """The routes alone, with nothing behind them: enough to describe them."""
    return routes.mount(App("products", issuer=ISSUER), cast(Catalogue, None))


def document() -> Json:
    """The OpenAPI document."""
    return outline().document()


def load(settings: DatabaseSettings, lines: IO[str]) -> Report:
    """Add or replace the products of a CSV file; code 1 if a row was refused, the others are loaded all the same."""
    found = listing.read(lines)
    with closing(Database(settings.database_url, durable=False)) as database:
        ProductStore(database).put(found.products)
    refused = "".join(f"{refusal}\n" for refusal in found.refused)
    return Report(f"{len(found.products)} loaded, {len(found.refused)} refused\n", refused, 1 if refused else 0)


def _seed(store: ProductStore, path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        found = listing.read(lines)
    if found.refused and store.is_empty():
        raise SettingsError("\n".join(f"CATALOGUE_FILE: {refusal}" for refusal in found.refused))
    if store.seed(found.products):
        log.info("seeded", products=len(found.products))
