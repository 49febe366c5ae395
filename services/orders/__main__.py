"""`python -m services.orders`: serve, or print what it serves."""

import sys

from services.common.runtime.commands import Composition, Tables, basics, door


def _compose() -> Composition:
    from services.orders import app

    return Composition(app.OrdersSettings, app.build, app.document)


def _tables() -> Tables:
    from services.orders import store

    return Tables(store.MODELS, store.MIGRATIONS)


COMMANDS = basics("orders", _compose, _tables)


if __name__ == "__main__":
    sys.exit(door("orders", COMMANDS))
