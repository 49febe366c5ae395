"""The issuer's published keys, kept by a thread of their own: no request, and so no forged token, asks for them."""

import threading
import time
from collections.abc import Callable

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.common import scope
from services.common.errors import PeerUnavailable
from services.common.keys import KeySet

COOL_DOWN = 5.0
BACKOFF = 0.5
KEYS_AGE = 300.0
FIRST_WAIT = 1.0
NEXT_WAIT = 0.3
FAREWELL = 0.5

log = structlog.get_logger()


class PublishedKeys:
    """The key set of `issuer`, which `fetch` asks it for (`lambda: ask(peer, path)`) or raises a PeerError.

    It is fetched once `start` is called, when it is KEYS_AGE seconds old and when a key is wanted that is not in it,
    but not within COOL_DOWN seconds after a success and BACKOFF seconds after a failure. Whatever fails, the last good
    set stays in use.
    """

    def __init__(self, issuer: str, fetch: Callable[[], KeySet], clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._keys: KeySet = {}
        self._fault = "not asked for"
        self._wanted = True
        self._renewable_at = self._aged_at = clock()
        self._attempts = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._keep, name="keys", daemon=True)

    def find(self, kid: str) -> Ed25519PublicKey | None:
        """The key, or None if the issuer does not publish it. Raises PeerUnavailable while no set is known.

        It does so whatever the reason is: the caller has done nothing wrong, and may come back. What is not known is
        waited for: FIRST_WAIT seconds at most if there is no set yet, NEXT_WAIT if a renewal may bring the key now,
        and never longer than the request has left for peers.
        """
        if kid not in self._keys:
            self._await_attempt()
        if not self._keys:
            raise PeerUnavailable(self._issuer, f"no keys yet, {self._fault}")
        return self._keys.get(kid)

    def renew(self) -> None:
        """Ask the issuer, under a request ID of its own."""
        with scope.entered(scope.begin(None, None)):
            try:
                self._settle(self._fetch(), None)
            except Exception as error:
                log.warning("keys-not-renewed", error=str(error), known=len(self._keys))
                self._settle(self._keys, str(error) or repr(error))

    def start(self) -> None:
        """Keep the set up to date from now on."""
        self._thread.start()

    def close(self) -> None:
        """End what `start` began."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(FAREWELL)

    def _await_attempt(self) -> None:
        """Wake the renewal unless it has to pause, and wait for its next outcome."""
        with self._changed:
            if self._keys and self._clock() < self._renewable_at:
                return
            scope.current().require_thread()
            self._wanted, attempts = True, self._attempts
            self._changed.notify_all()
            seconds = min(NEXT_WAIT if self._keys else FIRST_WAIT, scope.current().remaining())
            self._changed.wait_for(lambda: self._attempts > attempts, seconds)

    def _settle(self, keys: KeySet, fault: str | None) -> None:
        with self._changed:
            now = self._clock()
            self._keys, self._fault = keys, fault or self._fault
            self._wanted = fault is not None
            self._renewable_at = now + (COOL_DOWN if fault is None else BACKOFF)
            self._aged_at = now + KEYS_AGE
            self._attempts += 1
            self._changed.notify_all()

    def _keep(self) -> None:
        while self._is_due():
            self.renew()

    def _is_due(self) -> bool:
        """True when the set is to be renewed, False when there is no more use for it; waits for either."""
        with self._changed:
            while not self._closed and (seconds := self._due_at() - self._clock()) > 0:
                self._changed.wait(seconds)
            return not self._closed

    def _due_at(self) -> float:
        return self._renewable_at if self._wanted else self._aged_at
