"""Ed25519 keys: the private ones of the issuer, and the public ones that everybody verifies with (RFC 8037, 7517)."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from services.common.errors import PeerFailed
from services.common.peers.calls import Peer, Reply

KeySet = Mapping[str, Ed25519PublicKey]
PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)


class Keys(Protocol):
    """Where a verifier finds the key that a token names."""

    @property
    def current(self) -> KeySet:
        """All that hold now: another object once a key has come or gone."""

    def find(self, kid: str) -> Ed25519PublicKey | None: ...


class OwnKeys:
    """The issuer's keys, from the text of a PEM file of one or more blocks: the first signs, all are published.

    `next` is the private key among the others, if there is one: it is to sign next. `filed` has each as it is in the
    file, by its ID. Raises ValueError, without a word of the text, unless every block is an Ed25519 key and the first
    one is private.
    """

    def __init__(self, pem: bytes) -> None:
        keys = [_loaded(block) for block in PEM_BLOCK.finditer(pem)]
        if not keys or not isinstance(keys[0], Ed25519PrivateKey):
            raise ValueError("the first PEM block is not an Ed25519 private key")
        self.private = keys[0]
        self.next = next((key for key in keys[1:] if isinstance(key, Ed25519PrivateKey)), None)
        public = [key.public_key() if isinstance(key, Ed25519PrivateKey) else key for key in keys]
        kids = [thumbprint(key) for key in public]
        self.current: KeySet = dict(zip(kids, public, strict=True))
        self.filed = dict(zip(kids, keys, strict=True))
        self.kid = kids[0]

    def find(self, kid: str) -> Ed25519PublicKey | None:
        return self.current.get(kid)

    def document(self) -> dict[str, object]:
        """The published key set (RFC 7517, 5)."""
        return jwks(self.current.values())


def pem(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """The key as a PEM block."""
    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


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

    def read(reply: Reply) -> KeySet:
        try:
            return read_jwks(reply.body if reply.status == HTTPStatus.OK else {})
        except ValueError as error:
            raise PeerFailed(peer.name, "no-usable-key") from error

    return peer.get(path, read)


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
