"""Tokens: what a verifier takes and what it refuses (reliability M24), and that refusing costs no key."""

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from services.common.auth.keys import KeySet, OwnKeys, pem
from services.common.auth.tokens import Caller, Issuer, Verifier
from services.common.errors import PeerUnavailable, Unauthenticated

NOW = 1_800_000_000
OURS = {"typ": "at+jwt"}
KEY = Ed25519PrivateKey.generate()
OTHER = Ed25519PrivateKey.generate()
PUBLIC_PEM = pem(KEY.public_key())
OWN = OwnKeys(pem(KEY))
ISSUER = Issuer(lambda: OWN, "gateproof", "gateproof", lambda: NOW)
KID = OWN.kid
RSA = generate_private_key(65537, 2048)


class Untouched:
    """Keys that nobody may ask for."""

    current: KeySet = {}

    def find(self, kid: str) -> Ed25519PublicKey | None:
        raise AssertionError(f"asked for {kid}")


class Counted:
    def __init__(self) -> None:
        self.asked = 0
        self.current = OWN.current

    def find(self, kid: str) -> Ed25519PublicKey | None:
        self.asked += 1
        return OWN.find(kid)


class Held:
    """The keys that are in `held` now."""

    def __init__(self, held: list[OwnKeys]) -> None:
        self.held = held

    @property
    def current(self) -> KeySet:
        return self.held[0].current

    def find(self, kid: str) -> Ed25519PublicKey | None:
        return self.held[0].find(kid)


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def verifier(keys: Any = OWN, clock: Callable[[], float] = lambda: NOW) -> Verifier:
    return Verifier(keys, "gateproof", "gateproof", clock)


def claims(**changed: Any) -> dict[str, Any]:
    """Valid claims with some changed; None removes one."""
    valid = {
        "iss": "gateproof",
        "aud": "gateproof",
        "sub": "u1",
        "role": "customer",
        "jti": "j1",
        "iat": NOW,
        "exp": NOW + 900,
    }
    return {name: value for name, value in {**valid, **changed}.items() if value is not None}


def signed(key: Any = KEY, alg: str = "EdDSA", head: dict[str, Any] | None = None, **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, alg, headers={"typ": "at+jwt", "kid": KID, **(head or {})})


def by_hand(header: Any, payload: Any) -> str:
    """A token nobody signed, of parts that no library would write."""
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + ".c2ln"


HEAD = {"alg": "EdDSA", "typ": "at+jwt", "kid": KID}


def test_a_minted_token_is_verified_and_names_the_caller() -> None:
    token = ISSUER.mint("u1", "admin")
    assert verifier().verify(f"Bearer {token}") == Caller("u1", "admin", token)


def test_a_minted_token_has_every_required_claim_and_ends_in_fifteen_minutes() -> None:
    token = ISSUER.mint("u1", "customer")
    minted = jwt.decode(token, options={"verify_signature": False})
    assert set(minted) == {"iss", "aud", "sub", "iat", "exp", "jti", "role"}
    assert minted["exp"] - minted["iat"] == ISSUER.expires_in == 900
    assert jwt.get_unverified_header(token) == HEAD


def test_two_tokens_never_share_their_id() -> None:
    ids = {jwt.decode(ISSUER.mint("u1", "x"), options={"verify_signature": False})["jti"] for _ in range(50)}
    assert len(ids) == 50


REFUSED_WITHOUT_A_KEY: dict[str, str | None] = {
    "no header": None,
    "an empty header": "",
    "no scheme": ISSUER.mint("u1", "customer"),
    "another scheme": f"Basic {ISSUER.mint('u1', 'customer')}",
    "no token": "Bearer ",
    "two tokens": f"Bearer {signed()}, Bearer {signed()}",
    "words": "Bearer this is not a token",
    "two parts": "Bearer abc.def",
    "four parts": f"Bearer {signed()}.x",
    "not base64": "Bearer a.b.c",
    "a newline": f"Bearer {signed()}\n",
    "a hundred kilobytes": f"Bearer {'a' * 100_000}.b.c",
    "a payload that is no object": f"Bearer {by_hand(HEAD, [1])}",
    "a header that is no object": f"Bearer {by_hand([1], claims())}",
    "a deep payload": f"Bearer {by_hand(HEAD, b'[' * 1400 + b']' * 1400)}",
    "bytes that are no text": f"Bearer {by_hand(HEAD, bytes([0xFF, 0xFE]))}",
    "alg none": f"Bearer {by_hand({**HEAD, 'alg': 'none'}, claims())}",
    "alg None": f"Bearer {by_hand({**HEAD, 'alg': None}, claims())}",
    "HS256": f"Bearer {signed('x' * 32, 'HS256')}",
    "the public key as an HMAC secret": f"Bearer {by_hand({**HEAD, 'alg': 'HS256'}, claims())}",
    "RS256": f"Bearer {signed(RSA, 'RS256')}",
    "another typ": f"Bearer {signed(head={'typ': 'JWT'})}",
    "no kid": f"Bearer {jwt.encode(claims(), KEY, 'EdDSA', headers=OURS)}",
    "a kid that is no text": f"Bearer {by_hand({**HEAD, 'kid': ['a']}, claims())}",
    "a crit": f"Bearer {by_hand({**HEAD, 'crit': ['exp'], 'exp': 1}, claims())}",
    "an unknown crit": f"Bearer {by_hand({**HEAD, 'crit': ['b65'], 'b65': 1}, claims())}",
    "a key of its own": f"Bearer {by_hand({**HEAD, 'jwk': {'kty': 'OKP'}}, claims())}",
    "no exp": f"Bearer {signed(exp=None)}",
    "no iat": f"Bearer {signed(iat=None)}",
    "no iss": f"Bearer {signed(iss=None)}",
    "no aud": f"Bearer {signed(aud=None)}",
    "no sub": f"Bearer {signed(sub=None)}",
    "no jti": f"Bearer {signed(jti=None)}",
    "no role": f"Bearer {signed(role=None)}",
    "an empty sub": f"Bearer {signed(sub='')}",
    "a sub that is no text": f"Bearer {by_hand(HEAD, claims(sub=7))}",
    "a lone surrogate": f"Bearer {signed(sub=chr(0xD800))}",
    "a NUL": f"Bearer {signed(role='admin' + chr(0))}",
    "a time of a thousand digits": f"Bearer {by_hand(HEAD, claims(exp=10**999))}",
    "a role that is no text": f"Bearer {by_hand(HEAD, claims(role=['admin']))}",
    "expired": f"Bearer {signed(iat=NOW - 1000, exp=NOW - 100)}",
    "expired this second": f"Bearer {signed(exp=NOW)}",
    "issued in the future": f"Bearer {signed(iat=NOW + 60)}",
    "not valid yet": f"Bearer {signed(nbf=NOW + 60)}",
    "exp as a text": f"Bearer {by_hand(HEAD, claims(exp=str(NOW + 900)))}",
    "exp as a truth": f"Bearer {by_hand(HEAD, claims(exp=True))}",
    "exp NaN": f"Bearer {by_hand(HEAD, claims(exp=float('nan')))}",
    "exp infinite": f"Bearer {by_hand(HEAD, claims(exp=float('inf')))}",
    "another issuer": f"Bearer {signed(iss='elsewhere')}",
    "another audience": f"Bearer {signed(aud='elsewhere')}",
    "a list of audiences": f"Bearer {signed(aud=['gateproof'])}",
}


@pytest.mark.parametrize("authorization", REFUSED_WITHOUT_A_KEY.values(), ids=REFUSED_WITHOUT_A_KEY.keys())
def test_what_can_be_seen_without_a_key_is_refused_without_one(authorization: str | None) -> None:
    with pytest.raises(Unauthenticated):
        verifier(Untouched()).verify(authorization)


def test_a_valid_token_does_ask_for_its_key() -> None:
    with pytest.raises(AssertionError, match=KID):
        verifier(Untouched()).verify(f"Bearer {signed()}")


@pytest.mark.parametrize(
    "token",
    [
        signed(OTHER),
        signed(head={"kid": "unknown"}),
        by_hand(HEAD, claims()),
        signed()[:-4] + "AAAA",
        ".".join([signed().split(".")[0], by_hand(HEAD, claims(role="admin")).split(".")[1], signed().split(".")[2]]),
    ],
    ids=["another key", "unknown kid", "no signature", "changed signature", "changed claims"],
)
def test_a_token_the_issuer_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier().verify(f"Bearer {token}")


def test_the_clock_of_the_issuer_may_be_a_little_ahead() -> None:
    assert verifier().verify(f"Bearer {signed(iat=NOW + 5, nbf=NOW + 5)}").id == "u1"


def test_the_scheme_is_read_in_any_case() -> None:
    assert verifier().verify(f"bearer {signed()}").id == "u1"


def test_a_verified_token_is_remembered() -> None:
    keys = Counted()
    checked = verifier(keys)
    for _ in range(3):
        checked.verify(f"Bearer {signed(jti='same')}")
    assert keys.asked == 1


def test_a_remembered_token_is_refused_once_it_has_expired() -> None:
    clock = Clock()
    checked = verifier(clock=clock)
    token = signed(exp=NOW + 30)
    checked.verify(f"Bearer {token}")
    clock.now += 30
    with pytest.raises(Unauthenticated):
        checked.verify(f"Bearer {token}")


def test_a_remembered_token_goes_with_its_key_at_once() -> None:
    both, token = OwnKeys(pem(OTHER) + pem(KEY)), f"Bearer {signed()}"
    held = [both]
    checked = verifier(Held(held))
    assert checked.verify(token).id == "u1"
    held[0] = OwnKeys(pem(OTHER))
    with pytest.raises(Unauthenticated, match="no such key"):
        checked.verify(token)


def test_a_token_that_was_judged_by_a_set_of_keys_is_not_remembered_for_the_next() -> None:
    """The set changes while the token is judged."""
    held = [OWN]

    class Changing(Held):
        def find(self, kid: str) -> Ed25519PublicKey | None:
            key = super().find(kid)
            held[0] = OwnKeys(pem(OTHER))
            return key

    checked = verifier(Changing(held))
    assert checked.verify(f"Bearer {signed(jti='same')}").id == "u1"
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            checked.verify(f"Bearer {signed(jti='same')}")


def test_a_refused_token_is_not_remembered_as_good() -> None:
    checked = verifier()
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            checked.verify(f"Bearer {signed(OTHER)}")


def test_when_no_keys_can_be_had_the_error_is_the_peers() -> None:
    class Down:
        current: KeySet = {}

        def find(self, kid: str) -> Ed25519PublicKey | None:
            raise PeerUnavailable("issuer")

    with pytest.raises(PeerUnavailable):
        verifier(Down()).verify(f"Bearer {signed()}")


def test_the_public_key_used_as_an_hmac_secret_is_refused() -> None:
    header, payload, _ = by_hand({**HEAD, "alg": "HS256"}, claims()).split(".")
    digest = jwt.get_algorithm_by_name("HS256")
    signature = digest.sign(f"{header}.{payload}".encode(), PUBLIC_PEM)
    forged = f"{header}.{payload}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    with pytest.raises(Unauthenticated):
        verifier().verify(f"Bearer {forged}")
