"""`python -m services.products`: serve, or one of the commands of an operator."""

import io
import sys
from pathlib import Path

from services.common.runtime.commands import (
    Command,
    Composition,
    Environ,
    Report,
    Tables,
    basics,
    database_settings,
    door,
)


def _compose() -> Composition:
    from services.products import app

    return Composition(app.ProductsSettings, app.build, app.document)


def _tables() -> Tables:
    from services.products import store

    return Tables(store.MODELS, store.MIGRATIONS)


def _load(environ: Environ, file: str) -> Report:
    from services.products import app

    with io.BytesIO(sys.stdin.buffer.read()) if file == "-" else Path(file).open("rb") as content:
        return app.load(database_settings(environ), io.TextIOWrapper(content, encoding="utf-8-sig", newline=""))


COMMANDS = (
    *basics("products", _compose, _tables),
    Command("load", "add or replace the products of a CSV file (- is standard input)", _load, ("file",)),
)


if __name__ == "__main__":
    sys.exit(door("products", COMMANDS))
