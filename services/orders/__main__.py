"""`python -m services.orders`: serve, or print what it serves."""

import sys

from services.common.commands import descriptions, door, serve
from services.orders import app

COMMANDS = (serve("orders", app.OrdersSettings, app.build), *descriptions(app.document))


if __name__ == "__main__":
    sys.exit(door("orders", COMMANDS))
