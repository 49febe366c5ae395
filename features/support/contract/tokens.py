"""Tokens that the users service never gave out, by the words in which examples name them."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Sign = Callable[[bytes], bytes]
ISSUER = AUDIENCE = "gateproof"
AGO = -3600
AHEAD = 3600


def compact(header: Mapping[str, Any], claims: object, sign: Sign) -> str:
    """A JWT in its compact form, with whatever header, claims and signature one likes (RFC 7515 part 3.1)."""
    signed = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
    return f"{signed}.{_encoded(sign(signed.encode()))}"


def usual_claims(subject: str) -> dict[str, Any]:
    """Claims as the users service makes them."""
    now = int(time.time())
    names = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "jti": uuid.uuid4().hex, "role": "customer"}
    return {**names, "iat": now, "exp": now + 900}


def home_made(words: str, subject: str, keys: list[Mapping[str, str]]) -> str | None:
    """A token made without the stack's private key; `keys` are the published ones. A KeyError for other words."""
    kid = keys[0]["kid"]
    public = _decoded(keys[0]["x"])
    header = {"alg": "EdDSA", "typ": "at+jwt", "kid": kid}
    claims = usual_claims(subject)
    stranger = Ed25519PrivateKey.generate()
    makers: dict[str, Callable[[], str | None]] = {
        "no token": lambda: None,
        "an empty token": lambda: "",
        "a made-up token": lambda: "let-me-in",
        "three dots": lambda: "...",
        "a token of 5,000 characters": lambda: "e" * 5000,
        "a token signed with a stranger's key": lambda: compact(header, claims, stranger.sign),
        "a token that names an unknown key": lambda: compact(
            {**header, "kid": uuid.uuid4().hex}, claims, stranger.sign
        ),
        "a token that names no key": lambda: compact({"alg": "EdDSA", "typ": "at+jwt"}, claims, stranger.sign),
        "a token without a signature": lambda: compact({**header, "alg": "none"}, claims, lambda _: b""),
        "a token signed with the public key as a secret": lambda: compact(
            {**header, "alg": "HS256"}, claims, lambda text: hmac.new(public, text, hashlib.sha256).digest()
        ),
        "a token whose claims are no object": lambda: compact(header, ["sub", subject], stranger.sign),
    }
    return makers[words]()


def minted_claims(words: str) -> dict[str, Any]:
    """What to claim in a token that the stack's own key signs; nothing for other words."""
    now = int(time.time())
    minted: dict[str, dict[str, Any]] = {
        "an expired token": {"iat": now + 2 * AGO, "exp": now + AGO},
        "a token of another issuer": {"iss": "somebody-else"},
        "a token for another audience": {"aud": "another-shop"},
        "a token for several audiences": {"aud": [AUDIENCE, "another-shop"]},
        "a token issued in the future": {"iat": now + AHEAD, "exp": now + 3 * AHEAD},
        "a token not valid yet": {"nbf": now + AHEAD},
        "a token that never expires": {"exp": None},
        "a token of nobody": {"sub": None},
        "a token without an issuer": {"iss": None},
        "a token without an audience": {"aud": None},
        "a token without an issue time": {"iat": None},
        "a token without an ID": {"jti": None},
        "a token without a role": {"role": None},
        "a proper token of 5,000 characters": {"note": "e" * 3500},
        "a proper token of no account": {"sub": str(uuid.uuid4())},
        "a token that ends in 3 seconds": {"exp": now + 3},
        "an admin's token that ends in 3 seconds": {"exp": now + 3, "role": "admin"},
    }
    return minted.get(words, {})


def claims(token: str) -> dict[str, Any]:
    """What a token claims."""
    found: dict[str, Any] = json.loads(_decoded(token.split(".")[1]))
    return found


def kid(token: str) -> str:
    """The key that it says it was signed with."""
    return str(json.loads(_decoded(token.split(".")[0]))["kid"])


def altered(token: str, **others: object) -> str:
    """A token that the shop gave out, with other claims under the old signature."""
    header, _, signature = token.split(".")
    changed = {**claims(token), **others}
    return f"{header}.{_encoded(json.dumps(changed).encode())}.{signature}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
