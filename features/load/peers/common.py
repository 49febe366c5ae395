"""What the peers share: settings, tables, token keys, passwords and the access line. No request is handled here.

They read the settings that the shop's own services read: HOST PORT DATABASE_URL USERS_URL PRODUCTS_URL
JWT_PRIVATE_KEY_FILE CATALOGUE_FILE.
"""

import base64
import csv
import hashlib
import json
import os
import re
import sqlite3
import sys
import time
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

CATALOGUE = Path(__file__).resolve().parents[3] / "services" / "products" / "catalogue.csv"
ISSUER = AUDIENCE = "gateproof"
JWKS = "/users/.well-known/jwks.json"
LIFETIME = 900
PEER_TIMEOUT = 2.0
THREADS = 12
KEEP_ALIVE = 120
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)
TABLES = {
    "users": "CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, email TEXT NOT NULL, email_key TEXT NOT NULL"
    " UNIQUE, password_hash TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL)",
    "products": "CREATE TABLE IF NOT EXISTS products (id TEXT PRIMARY KEY, name TEXT NOT NULL, amount INTEGER NOT NULL,"
    " currency TEXT NOT NULL)",
    "orders": "CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, product_id TEXT NOT NULL,"
    " product_name TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, created_at INTEGER NOT NULL);"
    " CREATE UNIQUE INDEX IF NOT EXISTS orders_user_id_id ON orders (user_id, id)",
}


class BadToken(Exception):
    """No token, or one that does not hold: 401."""


@dataclass
class Service:
    """The service that this process is, as its arguments and its environment say."""

    name: str
    host: str
    port: int
    database: str
    users_url: str
    products_url: str
    key_file: str
    catalogue: Path
    keys: dict[str, Ed25519PublicKey] = field(default_factory=dict)
    private: Ed25519PrivateKey | None = None

    @classmethod
    def read(cls) -> "Service":
        """Its tables are made; an empty catalogue is filled."""
        values = os.environ
        service = cls(
            name=sys.argv[1],
            host=values.get("HOST", "127.0.0.1"),
            port=int(values["PORT"]),
            database=values["DATABASE_URL"].removeprefix("sqlite:///") + ".peer",  # not that of the job which migrates
            users_url=values.get("USERS_URL", ""),
            products_url=values.get("PRODUCTS_URL", ""),
            key_file=values.get("JWT_PRIVATE_KEY_FILE", ""),
            catalogue=Path(values.get("CATALOGUE_FILE") or CATALOGUE),
        )
        service._load_key()
        service._make_tables()
        return service

    @property
    def pragmas(self) -> tuple[str, ...]:
        """Orders survive a power cut, as those of the shop's own service do."""
        durability = "FULL" if self.name == "orders" else "NORMAL"
        return ("journal_mode=wal", f"synchronous={durability}", "busy_timeout=1500", "foreign_keys=1")

    def connect(self) -> sqlite3.Connection:
        """A connection that commits each statement."""
        connection = sqlite3.connect(self.database, isolation_level=None, check_same_thread=False)
        for pragma in self.pragmas:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def mint(self, subject: str) -> str:
        """A token for a customer."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "role": "customer", "jti": uuid.uuid4().hex}
        headers = {"typ": "at+jwt", "kid": next(iter(self.keys))}
        return jwt.encode({**claims, "iat": now, "exp": now + LIFETIME}, self.private, "EdDSA", headers=headers)

    def verify(self, authorization: str) -> tuple[str, str]:
        """The subject and the token of an Authorization header. Raises BadToken."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise BadToken("no bearer token")
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid", ""))
            required = {"require": ["exp", "iat", "sub", "jti"]}
            claims = jwt.decode(token, key, ["EdDSA"], audience=AUDIENCE, issuer=ISSUER, options=required)
        except (jwt.PyJWTError, KeyError) as error:
            raise BadToken("the token does not hold") from error
        return claims["sub"], token

    def jwks(self) -> dict[str, object]:
        """The published key set."""
        known = [{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": _public(key)} for kid, key in self.keys.items()]
        return {"keys": [{**one, "alg": "EdDSA", "use": "sig"} for one in known]}

    def access_line(self, request_id: str, method: str, path: str, status: int, began: float) -> dict[str, object]:
        """What is logged of each request."""
        return {
            "ts": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "info",
            "event": "request",
            "service": self.name,
            "requestId": request_id,
            "method": method,
            "path": path,
            "status": status,
            "durationMs": round((time.perf_counter() - began) * 1000, 2),
        }

    def _key(self, kid: str) -> Ed25519PublicKey:
        """Users publishes its key; it is asked for once. Raises KeyError."""
        if kid not in self.keys and not self.private:
            with urllib.request.urlopen(self.users_url + JWKS, timeout=PEER_TIMEOUT) as answer:  # noqa: S310  # http
                for one in json.load(answer)["keys"]:
                    raw = base64.urlsafe_b64decode(one["x"] + "=")
                    self.keys[one["kid"]] = Ed25519PublicKey.from_public_bytes(raw)
        return self.keys[kid]

    def _load_key(self) -> None:
        if self.key_file:
            self.private = load_pem_private_key(Path(self.key_file).read_bytes(), None)
            public = self.private.public_key()
            self.keys[hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]] = public

    def _make_tables(self) -> None:
        connection = self.connect()
        connection.executescript(TABLES[self.name])
        if self.name == "products" and not connection.execute("SELECT 1 FROM products").fetchone():
            with self.catalogue.open(newline="", encoding="utf-8") as file:
                rows = [(row["id"], row["name"], int(row["amount"]), row["currency"]) for row in csv.DictReader(file)]
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO products VALUES (?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
        connection.close()


def request_id(given: str) -> str:
    """The one that came with the request where it is one, else a new one."""
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def moment(ms: int) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hashed(password: str) -> str:
    """With scrypt and a salt; how fast that is counts for nothing here, as nobody signs in under load."""
    salt = os.urandom(16)
    return (salt + _scrypt(password, salt)).hex()


def matches(stored: str, password: str) -> bool:
    """Whether it is the password."""
    raw = bytes.fromhex(stored)
    return _scrypt(password, raw[:16]) == raw[16:]


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1)


def _public(key: Ed25519PublicKey) -> str:
    return base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
