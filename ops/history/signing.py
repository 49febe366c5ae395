"""The stack's signing key: made once, also used by scenarios for tokens that the users service never gives out."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

ISSUER = AUDIENCE = "gateproof"
LIFETIME = 900


def mint(pem: bytes, claims: Mapping[str, Any]) -> str:
    """A token that is valid but for `claims`, which replace the usual ones; None leaves a claim out."""
    key = load_pem_private_key(pem, password=None)
    assert isinstance(key, Ed25519PrivateKey)  # noqa: S101  # narrows the type; no other key is made
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(uuid.uuid4()), "iat": now, "exp": now + LIFETIME}
    wanted = {**usual, "jti": uuid.uuid4().hex, "role": "customer", **claims}
    kept = {name: value for name, value in wanted.items() if value is not None}
    return jwt.encode(kept, key, algorithm="EdDSA", headers={"kid": _thumbprint(key), "typ": "at+jwt"})


def _thumbprint(key: Ed25519PrivateKey) -> str:
    """The key ID by which the users service publishes the key (RFC 7638, RFC 8037 part 2)."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    members = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}, separators=(",", ":"))
    return _base64url(hashlib.sha256(members.encode()).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
