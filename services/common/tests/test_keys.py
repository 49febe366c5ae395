"""Key files, key sets and the published keys that outlive their issuer's absence."""

import json
import threading
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from services.common.errors import PeerFailed, PeerUnavailable
from services.common.keys import KeySet, OwnKeys, PublishedKeys, ask, jwks, read_jwks, thumbprint
from services.common.peers import Peer
from services.common.tests.sockets import answer, sends, serving
from services.common.tokens import Issuer, Verifier

FIRST, SECOND = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_set(*keys: Ed25519PrivateKey) -> KeySet:
    return {thumbprint(key.public_key()): key.public_key() for key in keys}


KID, SECOND_KID = (thumbprint(key.public_key()) for key in (FIRST, SECOND))


class Source:
    """An issuer that publishes `keys`, or raises `fault`."""

    def __init__(self, keys: KeySet) -> None:
        self.keys = keys
        self.fault: Exception | None = None
        self.asked = 0

    def __call__(self) -> KeySet:
        self.asked += 1
        if self.fault:
            raise self.fault
        return self.keys


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


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


def test_nothing_is_asked_before_a_key_is_needed_and_then_once() -> None:
    source = Source(key_set(FIRST))
    keys = PublishedKeys(source, Clock())
    assert source.asked == 0
    assert [keys.find(KID) is not None for _ in range(3)] == [True] * 3
    assert source.asked == 1


def test_an_unknown_key_asks_again_at_most_once_in_five_seconds() -> None:
    source, clock = Source(key_set(FIRST)), Clock()
    keys = PublishedKeys(source, clock)
    keys.find(KID)
    assert [keys.find("unknown") for _ in range(10)] == [None] * 10
    assert source.asked == 1
    clock.now += 5
    source.keys = key_set(FIRST, SECOND)
    assert keys.find(SECOND_KID) is not None
    assert source.asked == 2


def test_the_last_good_set_is_kept_while_the_issuer_is_away() -> None:
    source, clock = Source(key_set(FIRST)), Clock()
    keys = PublishedKeys(source, clock)
    keys.find(KID)
    source.fault = PeerUnavailable("issuer")
    clock.now += 400
    assert keys.find(KID) is not None
    assert keys.find("unknown") is None
    assert source.asked == 2


def test_a_key_withdrawn_by_the_issuer_is_gone_when_the_set_is_renewed() -> None:
    source, clock = Source(key_set(FIRST, SECOND)), Clock()
    keys = PublishedKeys(source, clock)
    keys.find(KID)
    source.keys = key_set(SECOND)
    clock.now += 301
    assert keys.find(KID) is None


@pytest.mark.parametrize("fault", [PeerUnavailable("issuer"), PeerFailed("issuer")])
def test_without_any_keys_the_peers_error_passes_and_the_next_call_asks_again(fault: Exception) -> None:
    source, clock = Source(key_set(FIRST)), Clock()
    source.fault = fault
    keys = PublishedKeys(source, clock)
    with pytest.raises(type(fault)):
        keys.find(KID)
    source.fault = None
    clock.now += 0.01
    assert keys.find(KID) is not None


def in_threads(count: int, call: Callable[[], object]) -> list[object]:
    results: list[object] = []

    def run() -> None:
        try:
            results.append(call())
        except PeerUnavailable as error:
            results.append(error.code)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_many_callers_at_once_share_one_question_also_when_it_fails() -> None:
    asked = []

    def slow() -> KeySet:
        asked.append(1)
        time.sleep(0.1)
        raise PeerUnavailable("issuer")

    keys = PublishedKeys(slow)
    assert in_threads(8, lambda: keys.find(KID)) == ["issuer-unavailable"] * 8
    assert len(asked) == 1


def test_a_renewal_that_hangs_delays_nobody_who_has_the_key() -> None:
    clock, hang, inside = Clock(), threading.Event(), threading.Event()
    good = key_set(FIRST)

    def fetch() -> KeySet:
        if clock.now > 1000:
            inside.set()
            hang.wait(5)
        return good

    keys = PublishedKeys(fetch, clock)
    keys.find(KID)
    clock.now += 301
    leader = threading.Thread(target=keys.find, args=[KID])
    leader.start()
    assert inside.wait(5)
    assert keys.find(KID) is not None
    assert leader.is_alive()
    hang.set()
    leader.join()


def test_tokens_of_both_keys_hold_during_a_rotation() -> None:
    before, after = Issuer(pem(FIRST), "i", "a"), Issuer(pem(SECOND) + public_pem(FIRST), "i", "a")
    verifier = Verifier(PublishedKeys(lambda: read_jwks(after.keys.document())), "i", "a")
    for issuer in (before, after):
        assert verifier.verify(f"Bearer {issuer.mint('s', 'r')}").id == "s"


def test_the_issuer_is_asked_for_its_set() -> None:
    with serving(sends(answer(200, json.dumps(OwnKeys(pem(FIRST)).document()).encode()))) as server:
        assert set(ask(Peer("issuer", server.url), "/keys.json")) == {KID}
    assert server.requests[0].line == "GET /keys.json HTTP/1.1"


@pytest.mark.parametrize("reply", [answer(200), answer(404), answer(401), answer(200, b'{"keys": [{}]}')])
def test_an_issuer_without_a_usable_set_has_failed(reply: bytes) -> None:
    with serving(sends(reply)) as server, pytest.raises(PeerFailed):
        ask(Peer("issuer", server.url), "/keys.json")
