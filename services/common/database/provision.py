"""A role and a database, which no other role can enter, for each service on a PostgreSQL server that exists.

    python -m services.common.database.provision make|drop NAME=FOLDER…

DATABASE_SERVER_FILE names the file with the server's URL, as somebody who may make roles and databases there. Each
service's own URL lies in its FOLDER as `url`, for DATABASE_URL_FILE. Names end with random letters, so that several
systems, and several stacks of one, can share a server.
"""

import os
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg
from psycopg.sql import SQL, Identifier, Literal

SCHEME = "postgresql://"
URL = re.compile(SCHEME + r"([^@/?#\[\]]*@)?[^@]*")
"""With any other mark before the one `@`, a part of the password would be taken for a host, and printed."""
LOOKS = f"{SCHEME}USER:PASSWORD@HOST:PORT/DATABASE"
PATIENCE = 5
"""Seconds to connect within."""
WHO = ("user", "password", "passfile", "dbname")


def make(server: str, places: Mapping[str, Path]) -> None:
    """What is there stays, and gets its password again. Raises psycopg.Error."""
    with _connected(server) as admin:
        for name, place in places.items():
            role, password = _known(place / "url") or (f"{name}_{secrets.token_hex(4)}", secrets.token_urlsafe(24))
            _write(place / "url", _url(server, role, password))
            _provide(admin, role, password)


def drop(server: str, places: Mapping[str, Path]) -> None:
    """Of those that `make` made, with all that is in them. Raises psycopg.Error, with what is left."""
    known = {place / "url": found[0] for place in places.values() if (found := _known(place / "url"))}
    if not known:
        return
    try:
        opened = _connected(server)
    except psycopg.OperationalError as refused:
        raise psycopg.OperationalError(f"{refused}; left there: {', '.join(known.values())}") from refused
    with opened as admin:
        for file, role in known.items():
            admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(role)))
            admin.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)))
            file.unlink()


def _connected(server: str) -> psycopg.Connection[tuple[object, ...]]:
    if not URL.fullmatch(server):
        raise psycopg.ProgrammingError
    return psycopg.connect(server, autocommit=True, connect_timeout=PATIENCE, application_name="provision")


def _provide(admin: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    """The server gets to see the password's SCRAM verifier alone, so its log cannot show more."""
    own = Identifier(role)
    if not admin.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).rowcount:
        admin.execute(SQL("CREATE ROLE {} LOGIN").format(own))
        admin.execute(SQL("GRANT {} TO CURRENT_USER").format(own))
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    admin.execute(SQL("ALTER ROLE {} PASSWORD {}").format(own, Literal(verifier)))
    if not admin.execute("SELECT FROM pg_database WHERE datname = %s", (role,)).rowcount:
        admin.execute(SQL("CREATE DATABASE {0} OWNER {0} TEMPLATE template0 ENCODING 'UTF8'").format(own))
    admin.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(own))


def _url(server: str, role: str, password: str) -> str:
    """The same server, and what else the URL says of the way there, for that role and its database."""
    parts = urlsplit(server)
    hosts = parts.netloc.rpartition("@")[2]
    way = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name not in WHO], quote_via=quote)
    return f"{SCHEME}{role}:{password}@{hosts}/{role}" + (f"?{way}" if way else "")


def _known(file: Path) -> tuple[str, str] | None:
    """The role, whose database has its name, and the password."""
    if not file.exists():
        return None
    parts = urlsplit(file.read_text(encoding="utf-8"))
    return parts.username or "", parts.password or ""


def _write(file: Path, text: str) -> None:
    """In one step, for its owner alone."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    draft.touch(0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


def main(arguments: list[str], environ: Mapping[str, str]) -> str:
    """What went wrong, in one line without a password; empty where nothing did."""
    verb, *places = arguments
    server = Path(environ["DATABASE_SERVER_FILE"]).read_text(encoding="utf-8").strip()
    try:
        folders = {name: Path(place) for name, _, place in (one.partition("=") for one in places)}
        {"make": make, "drop": drop}[verb](server, folders)
    except psycopg.OperationalError as refused:
        return f"the database server refuses or is not there: {' '.join(str(refused).split())}"
    except psycopg.ProgrammingError as wrong:
        if wrong.sqlstate:
            return f"the database server's user may not make roles and databases: {wrong.diag.message_primary}"
        return f"this is no URL of a database server; one looks like {LOOKS}"
    except psycopg.Error as failed:
        return f"the database server cannot do it: {' '.join(str(failed).split())}"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ) or None)
