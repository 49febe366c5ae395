"""`python -m services.orders`: serve, or print what it serves."""

import sys

from services.common.runtime.commands import Composition, Schema, basics, door


def _compose() -> Composition:
    from services.orders import app

    return Composition(app.OrdersSettings, app.build, app.document)


def _schema() -> Schema:
    from services.orders import store

    return Schema(store.MODELS, store.MIGRATIONS)


COMMANDS = basics("orders", _compose, _schema)


if __name__ == "__main__":
    sys.exit(door("orders", COMMANDS))
