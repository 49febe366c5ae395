"""`python -m services.products`: serve, or one of the commands of an operator."""

import io
import sys
from pathlib import Path

from services.common.commands import Command, Environ, Report, descriptions, door, serve
from services.common.settings import DatabaseSettings, load
from services.products import app


def _load(environ: Environ, file: str) -> Report:
    settings = load(DatabaseSettings, environ)
    with io.BytesIO(sys.stdin.buffer.read()) if file == "-" else Path(file).open("rb") as content:
        return app.load(settings, io.TextIOWrapper(content, encoding="utf-8-sig", newline=""))


COMMANDS = (
    serve("products", app.ProductsSettings, app.build),
    *descriptions(app.document),
    Command("load", "add or replace the products of a CSV file (- is standard input)", _load, ("file",)),
)


if __name__ == "__main__":
    sys.exit(door("products", COMMANDS))
