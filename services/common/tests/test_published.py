"""The published keys: a thread asks for them, requests wait for it a moment, and they outlive the issuer's absence."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from structlog.testing import capture_logs

from services.common.auth import published
from services.common.auth.keys import KeySet, OwnKeys, ask, read_jwks
from services.common.auth.published import PublishedKeys
from services.common.auth.tokens import Issuer, Verifier
from services.common.errors import PeerError, PeerFailed, PeerTimeout, PeerUnavailable, Unauthenticated
from services.common.runtime import scope
from services.common.tests.keyring import FIRST, KID, SECOND, SECOND_KID, key_set, pem, public_pem
from services.common.tests.peering import asked
from services.common.tests.peering import closing as cut_off


class Source:
    """An issuer that publishes `keys`, or raises `fault`; `scopes` are those it was asked in."""

    def __init__(self, keys: KeySet, fault: Exception | None = None) -> None:
        self.keys = keys
        self.fault = fault
        self.scopes: list[scope.Scope] = []

    def __call__(self) -> KeySet:
        self.scopes.append(scope.current())
        if self.fault:
            raise self.fault
        return self.keys

    @property
    def asked(self) -> int:
        return len(self.scopes)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Waits(threading.Condition):
    """How long each wait for the first set may last; it lasts `patience` seconds, not that long."""

    def __init__(self, patience: float = 60.0) -> None:
        super().__init__()
        self.patience = patience
        self.seconds: list[float | None] = []

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:  # type: ignore[override]
        self.seconds.append(timeout)
        return super().wait_for(predicate, self.patience)


def waited(keys: PublishedKeys, patience: float = 60.0) -> Waits:
    """The waits of `keys` from now on."""
    keys._changed = waits = Waits(patience)
    return waits


@contextmanager
def hurried() -> Iterator[None]:
    """A request that has no time left to wait for anybody."""
    with scope.entered(scope.Scope("request-1", deadline=time.monotonic())):
        yield


@contextmanager
def started(keys: PublishedKeys) -> Iterator[PublishedKeys]:
    with closing(keys):
        keys.start()
        yield keys


def forged(kid: str) -> str:
    """The header with a token that is well-formed, of our issuer, and signed by nobody we know."""
    stranger = OwnKeys(pem(SECOND))
    stranger.kid = kid
    return f"Bearer {Issuer(lambda: stranger, 'i', 'a').mint('s', 'admin')}"


@pytest.mark.parametrize("kid", ["unknown", KID], ids=["of an unknown key", "of a known key"])
@pytest.mark.parametrize("known", [True, False], ids=["with a key set", "before there is one"])
def test_a_forged_token_never_asks_the_issuer(kid: str, known: bool) -> None:
    source, clock = Source(key_set(FIRST)), Clock()
    keys = PublishedKeys("issuer", source, clock)
    if known:
        keys.renew()
    before = source.asked
    for _ in range(3):
        with hurried(), pytest.raises(Unauthenticated if known and kid == KID else PeerUnavailable):
            Verifier(keys, "i", "a").verify(forged(kid))
    assert source.asked == before


def test_the_first_set_is_waited_for() -> None:
    source = Source(key_set(FIRST))

    def slow() -> KeySet:
        until(lambda: len(waits.seconds) == 8)
        return source()

    keys = PublishedKeys("issuer", slow)
    waits = waited(keys)
    with started(keys):
        assert all(in_threads(8, lambda: keys.find(KID)))
    assert source.asked == 1


FAULTS = [PeerUnavailable("issuer", "why"), PeerFailed("issuer", "why"), PeerTimeout("issuer", "why")]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_without_any_set_the_issuer_is_unavailable_whatever_it_did_and_everybody_is_told_why(fault: PeerError) -> None:
    keys = PublishedKeys("issuer", Source({}, fault))
    waited(keys)
    with started(keys):
        raised = in_threads(8, lambda: keys.find(KID))
    assert {str(error) for error in raised} == {f"issuer-unavailable: no keys yet, {fault}"}
    assert {type(error) for error in raised} == {PeerUnavailable} and len({id(error) for error in raised}) == 8


def test_a_fault_that_nobody_foresaw_ends_nothing() -> None:
    source = Source(key_set(FIRST), ZeroDivisionError("never"))
    keys = PublishedKeys("issuer", source)
    keys.renew()
    with hurried(), pytest.raises(PeerUnavailable, match="no keys yet, never"):
        keys.find(KID)


def test_nobody_waits_longer_than_the_request_may_take() -> None:
    keys = PublishedKeys("issuer", Source({}))
    waits = waited(keys, patience=0.0)
    with scope.entered(scope.Scope("request-1", deadline=time.monotonic() + 0.1)), pytest.raises(PeerUnavailable):
        keys.find(KID)
    with pytest.raises(PeerUnavailable):
        keys.find(KID)
    hurried, other = waits.seconds
    assert hurried is not None and hurried <= 0.1 and other == published.FIRST_WAIT


def test_an_issuer_that_comes_back_is_soon_found_without_anybody_asking() -> None:
    source = Source(key_set(FIRST), PeerUnavailable("issuer"))
    keys = PublishedKeys("issuer", source)
    waited(keys)
    with started(keys):
        with pytest.raises(PeerUnavailable) as refused:
            keys.find(KID)
        assert refused.value.retry_after == 1, "the seconds until it is asked again"
        source.fault = None
        assert keys.find(KID) is not None


def test_an_unknown_key_may_be_a_new_one_until_a_set_that_was_asked_for_later_comes_without_it() -> None:
    source, clock = Source(key_set(FIRST)), Clock()
    keys = PublishedKeys("issuer", source, clock)
    keys.renew()
    clock.now += 1.5
    waits = waited(keys, patience=0.0)
    for _ in range(10):
        with pytest.raises(PeerUnavailable) as raised:
            keys.find("unknown")
        assert raised.value.retry_after == 4, "the seconds until the next set"
    assert waits.seconds == [], "nobody is kept waiting"
    keys.renew()
    assert keys.find("unknown") is None
    assert source.asked == 2


def test_a_set_that_was_asked_for_before_an_unknown_key_was_does_not_refute_it() -> None:
    source = Source(key_set(FIRST))
    keys = PublishedKeys("issuer", source)
    keys.renew()

    def overtaken() -> KeySet:
        with pytest.raises(PeerUnavailable):
            keys.find(SECOND_KID)
        return source()

    keys._fetch = overtaken
    keys.renew()
    with pytest.raises(PeerUnavailable):
        keys.find(SECOND_KID)
    keys._fetch, source.keys = source, key_set(FIRST, SECOND)
    keys.renew()
    assert keys.find(SECOND_KID)


def test_made_up_keys_change_nothing_for_others_however_many_they_are() -> None:
    source = Source(key_set(FIRST))
    keys = PublishedKeys("issuer", source)
    keys.renew()
    for kid in ["new", *map(str, range(2 * published.UNKNOWN)), "new"]:
        with pytest.raises(PeerUnavailable):
            keys.find(kid)
    assert keys.find(KID) and source.asked == 1
    source.keys = {**key_set(FIRST), "new": SECOND.public_key()}
    keys.renew()
    assert keys.find("new"), "a set has it, though it was unknown before"
    assert len(keys._unknown_since) == published.UNKNOWN


def test_a_renewal_that_hangs_delays_nobody() -> None:
    begun, go_on = threading.Event(), threading.Event()
    gave_up: list[bool] = []

    def hang() -> KeySet:
        begun.set()
        gave_up.append(not go_on.wait(20))
        return key_set(FIRST)

    keys = PublishedKeys("issuer", Source(key_set(FIRST)))
    keys.renew()
    keys._fetch = hang
    renewal = threading.Thread(target=keys.renew)
    renewal.start()
    assert begun.wait(60)
    assert keys.find(KID)
    with pytest.raises(PeerUnavailable):
        keys.find("unknown")
    assert gave_up == [], "both were answered before the renewal came back"
    go_on.set()
    renewal.join()


def test_the_last_good_set_is_kept_while_the_issuer_is_away() -> None:
    source = Source(key_set(FIRST))
    keys = PublishedKeys("issuer", source)
    keys.renew()
    source.fault = PeerUnavailable("issuer")
    keys.renew()
    assert keys.find(KID) is not None
    with pytest.raises(PeerUnavailable):
        keys.find("unknown")


def test_a_key_withdrawn_by_the_issuer_is_gone_when_the_set_is_renewed() -> None:
    source = Source(key_set(FIRST, SECOND))
    keys = PublishedKeys("issuer", source)
    keys.renew()
    source.keys = key_set(SECOND)
    keys.renew()
    assert keys.find(KID) is None


DUE = {"at once": (0, 1), "not yet": (4.9, 1), "of age": (5, 2)}


@pytest.mark.parametrize(("later", "attempts"), DUE.values(), ids=DUE)
def test_a_set_is_renewed_when_it_is_of_age(later: float, attempts: int) -> None:
    source, clock = Source(key_set(FIRST)), Clock()
    keys = PublishedKeys("issuer", source, clock)
    keys.renew()
    clock.now += later
    with started(keys):
        until(lambda: source.asked > 1, within=60 if attempts > 1 else 0.05)
    assert source.asked == attempts


def test_it_is_asked_for_under_a_request_id_of_its_own() -> None:
    source = Source(key_set(FIRST))
    keys = PublishedKeys("issuer", source)
    with hurried():
        keys.renew()
    (own,) = source.scopes
    assert len(own.request_id) == 32 and own.request_id != "request-1" and own.remaining() > 2


def test_a_failed_renewal_is_in_the_log() -> None:
    with asked(cut_off()) as (peer, server), capture_logs() as lines:
        PublishedKeys("issuer", lambda: ask(peer, "/keys.json")).renew()
        assert len(server.requests) == 1
    assert [line["event"] for line in lines] == ["peer-call", "keys-not-renewed"]


def test_tokens_of_both_keys_hold_during_a_rotation() -> None:
    before, after = OwnKeys(pem(FIRST)), OwnKeys(pem(SECOND) + public_pem(FIRST))
    keys = PublishedKeys("issuer", lambda: read_jwks(after.document()))
    keys.renew()
    for own in (before, after):
        token = Issuer(lambda own=own: own, "i", "a").mint("s", "r")  # type: ignore[misc]
        assert Verifier(keys, "i", "a").verify(f"Bearer {token}").id == "s"


def test_the_same_keys_again_are_the_same_set() -> None:
    source = Source(key_set(FIRST))
    keys = PublishedKeys("issuer", source)
    keys.renew()
    first, source.keys = keys.current, key_set(FIRST)
    keys.renew()
    assert keys.current is first
    source.keys = key_set(FIRST, SECOND)
    keys.renew()
    assert keys.current is not first


def test_a_remembered_token_is_refused_as_soon_as_its_key_is_withdrawn() -> None:
    own = OwnKeys(pem(FIRST))
    source, token = Source(key_set(FIRST, SECOND)), Issuer(lambda: own, "i", "a").mint("s", "r")
    keys = PublishedKeys("issuer", source)
    keys.renew()
    verifier = Verifier(keys, "i", "a")
    assert verifier.verify(f"Bearer {token}").id == "s"
    source.keys = key_set(SECOND)
    keys.renew()
    with pytest.raises(Unauthenticated):
        verifier.verify(f"Bearer {token}")


def until(probe: Callable[[], bool], within: float = 60) -> None:
    """As soon as it is so, and after these seconds in any case."""
    deadline = time.monotonic() + within
    while not probe() and time.monotonic() < deadline:
        time.sleep(0.01)


def in_threads(count: int, call: Callable[[], object]) -> list[object]:
    """What each call returned or raised."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(call())
        except PeerError as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_in_the_loop_nobody_waits_for_a_key_but_asks_for_a_thread() -> None:
    source = Source(key_set(FIRST))
    keys = PublishedKeys("issuer", source)
    with scope.entered(scope.begin(None, None, in_loop=True)), pytest.raises(scope.NeedsThread):
        keys.find(KID)
    keys.renew()
    with scope.entered(scope.begin(None, None, in_loop=True)):
        assert keys.find(KID)
        with pytest.raises(PeerUnavailable):
            keys.find("another")
