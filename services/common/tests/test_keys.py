"""Key files and key sets."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.common.auth.keys import OwnKeys, ask, jwks, read_jwks, thumbprint
from services.common.errors import PeerFailed
from services.common.peers.calls import Peer
from services.common.tests.keyring import FIRST, KID, SECOND, SECOND_KID, key_set, pem, public_pem
from services.common.tests.sockets import answer, sends, serving


def test_the_thumbprint_is_that_of_rfc_8037() -> None:
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    document = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]}
    assert thumbprint(read_jwks(document)["k"]) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_published_set_reads_back_as_the_same_keys() -> None:
    own = OwnKeys(pem(FIRST) + pem(SECOND))
    read = read_jwks(own.document())
    assert {kid: key.public_bytes_raw() for kid, key in read.items()} == {
        kid: key.public_bytes_raw() for kid, key in key_set(FIRST, SECOND).items()
    }


def test_the_first_key_signs_and_all_are_published_also_a_public_half() -> None:
    own = OwnKeys(b"# keys\n" + pem(FIRST) + b"\n" + public_pem(SECOND))
    assert own.kid == KID
    assert own.find(SECOND_KID) is not None
    assert own.find("unknown") is None


def test_a_private_key_is_not_published() -> None:
    document = OwnKeys(pem(FIRST)).document()
    assert document == jwks([FIRST.public_key()])
    assert "'d'" not in str(document)


RSA_PEM = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"secret words",
        public_pem(FIRST),
        RSA_PEM,
        pem(FIRST) + RSA_PEM,
        b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
    ],
    ids=["empty", "no PEM", "a public key first", "RSA", "RSA second", "damaged"],
)
def test_a_key_file_of_no_use_is_refused_without_showing_it(text: bytes) -> None:
    with pytest.raises(ValueError, match="PEM block|block") as refused:
        OwnKeys(text)
    assert "secret" not in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value)


@pytest.mark.parametrize(
    "document",
    [{}, {"keys": None}, {"keys": []}, {"keys": [1, {"kty": "RSA"}, {"kty": "OKP", "crv": "Ed25519", "kid": "k"}]}]
    + [{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]} for x in ("", "AA", "*" * 43, "A" * 200)],
)
def test_a_key_set_without_a_usable_key_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no Ed25519 key"):
        read_jwks(document)


def test_the_issuer_is_asked_for_its_set() -> None:
    with serving(sends(answer(200, json.dumps(OwnKeys(pem(FIRST)).document()).encode()))) as server:
        assert set(ask(Peer("issuer", server.url), "/keys.json")) == {KID}
    assert server.requests[0].line == "GET /keys.json HTTP/1.1"


@pytest.mark.parametrize("reply", [answer(200), answer(404), answer(401), answer(200, b'{"keys": [{}]}')])
def test_an_issuer_without_a_usable_set_has_failed(reply: bytes) -> None:
    with serving(sends(reply)) as server, pytest.raises(PeerFailed):
        ask(Peer("issuer", server.url), "/keys.json")
