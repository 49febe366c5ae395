"""Ed25519 keys: the private ones of the issuer, and the public ones that everybody verifies with (RFC 8037, 7517)."""

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Protocol

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from services.common.errors import PeerError, PeerFailed
from services.common.peers import Peer

KeySet = Mapping[str, Ed25519PublicKey]
PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)
UNKNOWN_KEY_PAUSE = 5.0
KEYS_AGE = 300.0

log = structlog.get_logger()


class Keys(Protocol):
    """Where a verifier finds the key that a token names."""

    def find(self, kid: str) -> Ed25519PublicKey | None: ...


class OwnKeys:
    """The issuer's keys, from the text of a PEM file of one or more blocks: the first signs, all are published.

    To rotate: append the new key, wait until everybody has it, put it first, remove the old one (its public half is
    enough) when the last token it signed has expired. Raises ValueError, without a word of the text, unless every
    block is an Ed25519 key and the first one is private.
    """

    def __init__(self, pem: bytes) -> None:
        keys = [_loaded(block) for block in PEM_BLOCK.finditer(pem)]
        if not keys or not isinstance(keys[0], Ed25519PrivateKey):
            raise ValueError("the first PEM block is not an Ed25519 private key")
        self.private = keys[0]
        public = [key.public_key() if isinstance(key, Ed25519PrivateKey) else key for key in keys]
        self._public = {thumbprint(key): key for key in public}
        self.kid = thumbprint(public[0])

    def find(self, kid: str) -> Ed25519PublicKey | None:
        return self._public.get(kid)

    def document(self) -> dict[str, object]:
        """The published key set (RFC 7517, 5)."""
        return jwks(self._public.values())


class PublishedKeys:
    """The issuer's key set as it publishes it, asked for when it is first needed and kept from then on.

    `fetch` asks the issuer (`lambda: ask(peer, path)`) and raises a PeerError if that fails. A key that is not in the
    set makes the set be asked for again, at most once in UNKNOWN_KEY_PAUSE seconds; a set older than KEYS_AGE seconds
    is renewed. Whatever fails then, the last good set stays in use; only while there is none does `find` raise.
    """

    def __init__(self, fetch: Callable[[], KeySet], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: KeySet = {}
        self._asked_at = float("-inf")
        self._fault: PeerError | None = None
        self._asking = threading.Lock()

    def find(self, kid: str) -> Ed25519PublicKey | None:
        """The key, or None if the issuer does not publish it. Raises PeerError while nothing is known."""
        if self._wants_asking(kid):
            self._ask(kid, wanted_at=self._clock())
        return self._keys.get(kid)

    def _wants_asking(self, kid: str) -> bool:
        age = self._clock() - self._asked_at
        return not self._keys or age >= (KEYS_AGE if kid in self._keys else UNKNOWN_KEY_PAUSE)

    def _ask(self, kid: str, wanted_at: float) -> None:
        """One thread asks; the others share its outcome, and wait for it only if they cannot do without."""
        if not self._asking.acquire(blocking=kid not in self._keys):
            return
        try:
            if self._asked_at < wanted_at and self._wants_asking(kid):
                self._renew()
            if not self._keys and self._fault:
                raise self._fault
        finally:
            self._asking.release()

    def _renew(self) -> None:
        try:
            self._keys, self._fault = self._fetch(), None
        except PeerError as error:
            self._fault = error
            log.warning("keys-not-renewed", error=str(error), known=len(self._keys))
        finally:
            self._asked_at = self._clock()


def thumbprint(key: Ed25519PublicKey) -> str:
    """The key's ID: its RFC 7638 thumbprint."""
    members = json.dumps(_members(key), sort_keys=True, separators=(",", ":")).encode()
    return _base64url(hashlib.sha256(members).digest())


def jwks(keys: Iterable[Ed25519PublicKey]) -> dict[str, object]:
    """The keys as a JWK set (RFC 7517, RFC 8037)."""
    return {"keys": [{**_members(key), "kid": thumbprint(key), "alg": "EdDSA", "use": "sig"} for key in keys]}


def read_jwks(document: Mapping[str, object]) -> KeySet:
    """The Ed25519 keys of a JWK set by their ID; others are passed over. Raises ValueError if there is none."""
    listed = document.get("keys")
    found = dict(filter(None, map(_read_jwk, listed if isinstance(listed, list) else [])))
    if not found:
        raise ValueError("no Ed25519 key in the key set")
    return found


def ask(peer: Peer, path: str) -> KeySet:
    """The key set that `peer` publishes at `path`. Raises PeerError, also if there is no usable key in the answer."""
    reply = peer.get(path)
    try:
        return read_jwks(reply.body if reply.status == HTTPStatus.OK else {})
    except ValueError as error:
        raise PeerFailed(peer.name, str(error)) from error


def _read_jwk(entry: object) -> tuple[str, Ed25519PublicKey] | None:
    match entry:
        case {"kty": "OKP", "crv": "Ed25519", "kid": str(kid), "x": str(x)} if kid:
            pass
        case _:
            return None
    try:
        return kid, Ed25519PublicKey.from_public_bytes(base64.b64decode(x + "=" * (-len(x) % 4), b"-_", validate=True))
    except ValueError:
        return None


def _members(key: Ed25519PublicKey) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(key.public_bytes_raw())}


def _loaded(block: re.Match[bytes]) -> Ed25519PrivateKey | Ed25519PublicKey:
    text = block[0]
    try:
        key = load_pem_public_key(text) if block[1] == b"PUBLIC KEY" else load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(f"a {block[1].decode()} block cannot be read") from error
    if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise ValueError(f"a {block[1].decode()} block is not an Ed25519 key")
    return key


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
