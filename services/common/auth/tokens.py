"""Access tokens: EdDSA-signed JWTs of 15 minutes, minted by the issuer, verified by everybody (RFC 9068, RFC 8725)."""

import hashlib
import re
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from cachetools import TLRUCache
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.common.auth.keys import Keys, KeySet, OwnKeys
from services.common.errors import Unauthenticated

ALGORITHM = "EdDSA"
TYPE = "at+jwt"
LIFETIME = 900
SKEW = 10
LONGEST = 4096
CACHED_TOKENS = 4096
AUTHORIZATION = re.compile(r"bearer +([\w-]+\.[\w-]+\.[\w-]+)", re.ASCII | re.IGNORECASE)
TEXTS = ("iss", "aud", "sub", "jti", "role")
TIMES = ("iat", "exp")

SIGNATURE_ONLY: Any = dict.fromkeys(
    ("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss", "verify_sub", "verify_jti"), False
)

Claims = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who asks: the token's subject and role, and the token itself, to be passed on to peers in their name."""

    id: str
    role: str
    token: str


class Issuer:
    """Mints tokens with the key that signs, of those that `own` gives at the time."""

    expires_in = LIFETIME

    def __init__(
        self, own: Callable[[], OwnKeys], issuer: str, audience: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._own = own
        self._named = {"iss": issuer, "aud": audience}
        self._clock = clock

    def mint(self, subject: str, role: str) -> str:
        """A token for `subject` that ends in `expires_in` seconds."""
        now, own = int(self._clock()), self._own()
        claims = {"sub": subject, "role": role, "iat": now, "exp": now + LIFETIME, "jti": uuid.uuid4().hex}
        return jwt.encode({**self._named, **claims}, own.private, ALGORITHM, headers={"typ": TYPE, "kid": own.kid})


class Verifier:
    """Tells who asks from the Authorization header.

    Everything that can be seen without a key is checked before `keys` is asked for one, so what is missing, malformed
    or expired waits for nobody. Verified tokens are remembered by their hash, until their end or until a key comes or
    goes.
    """

    def __init__(self, keys: Keys, issuer: str, audience: str, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._named = {"iss": issuer, "aud": audience}
        self._clock = clock
        self._known_by: KeySet = {}
        self._known: TLRUCache[bytes, tuple[Caller, float]] = TLRUCache(CACHED_TOKENS, ttu=_until, timer=clock)
        self._lock = threading.Lock()

    def verify(self, authorization: str | None) -> Caller:
        """The caller. Raises Unauthenticated, whose detail is for the log, or what `keys` raises."""
        token = _bearer(authorization)
        digest, keys = hashlib.sha256(token.encode()).digest(), self._keys.current
        with self._lock:
            if keys is not self._known_by:
                self._known_by = keys
                self._known.clear()
            known = self._known.get(digest)
        if known:
            return known[0]
        caller, expires = self._verified(token)
        with self._lock:
            if keys is self._known_by:
                self._known[digest] = (caller, expires)
        return caller

    def _verified(self, token: str) -> tuple[Caller, float]:
        kid, claims = _decoded(token)
        self._check(claims)
        key = self._keys.find(kid)
        if key is None:
            raise Unauthenticated(detail="no such key")
        _check_signature(token, key)
        return Caller(claims["sub"], claims["role"], token), claims["exp"]

    def _check(self, claims: Claims) -> None:
        now = self._clock()
        if not all(_is_text(claims.get(name)) for name in TEXTS):
            raise Unauthenticated(detail="a claim is missing or not a text")
        if not all(_is_time(claims.get(name)) for name in TIMES) or not _is_time(claims.get("nbf", 0)):
            raise Unauthenticated(detail="a time is missing or not a number")
        if any(claims[name] != value for name, value in self._named.items()):
            raise Unauthenticated(detail="another issuer or audience")
        if now >= claims["exp"]:
            raise Unauthenticated(detail="expired")
        if max(claims["iat"], claims.get("nbf", 0)) > now + SKEW:
            raise Unauthenticated(detail="not valid yet")


def _bearer(authorization: str | None) -> str:
    match = AUTHORIZATION.fullmatch(authorization or "") if len(authorization or "") <= LONGEST else None
    if match is None:
        raise Unauthenticated(detail="no bearer token")
    return match[1]


def _decoded(token: str) -> tuple[str, Claims]:
    """The key's ID and the claims, not yet to be trusted, of a token whose header is as ours are."""
    try:
        parts = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Unauthenticated(detail=f"malformed: {type(error).__name__}") from error
    match parts["header"]:
        case {"alg": alg, "typ": typ, "kid": str(kid), **more} if (alg, typ, more) == (ALGORITHM, TYPE, {}):
            return kid, dict(parts["payload"])
    raise Unauthenticated(detail="another kind of token")


def _check_signature(token: str, key: Ed25519PublicKey) -> None:
    try:
        jwt.decode(token, key, algorithms=[ALGORITHM], options=SIGNATURE_ONLY)
    except jwt.InvalidTokenError as error:
        raise Unauthenticated(detail=f"signature: {type(error).__name__}") from error


def _is_text(value: object) -> bool:
    """Without control characters and lone surrogates, which a database and UTF-8 do not take."""
    return isinstance(value, str) and value != "" and value.isprintable()


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11


def _until(_digest: bytes, known: tuple[Caller, float], _now: float) -> float:
    return known[1]
