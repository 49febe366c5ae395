"""Two keys, and the forms they come in."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from services.common.keys import KeySet, thumbprint

FIRST, SECOND = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_set(*keys: Ed25519PrivateKey) -> KeySet:
    return {thumbprint(key.public_key()): key.public_key() for key in keys}


KID, SECOND_KID = (thumbprint(key.public_key()) for key in (FIRST, SECOND))
