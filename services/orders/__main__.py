"""`python -m services.orders`: serve, or print what it serves."""

import sys

from services.common.runtime.commands import Composition, basics, door


def _compose() -> Composition:
    from services.orders import app, store

    return Composition(app.OrdersSettings, app.build, app.document, store.MODELS, store.MIGRATIONS)


COMMANDS = basics("orders", _compose)


if __name__ == "__main__":
    sys.exit(door("orders", COMMANDS))
