"""Two keys, and the forms they come in."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.common.auth.keys import KeySet, pem, thumbprint

__all__ = ["FIRST", "KID", "SECOND", "SECOND_KID", "key_set", "pem", "public_pem"]

FIRST, SECOND = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def public_pem(key: Ed25519PrivateKey) -> bytes:
    return pem(key.public_key())


def key_set(*keys: Ed25519PrivateKey) -> KeySet:
    return {thumbprint(key.public_key()): key.public_key() for key in keys}


KID, SECOND_KID = (thumbprint(key.public_key()) for key in (FIRST, SECOND))
