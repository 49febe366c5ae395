"""The issuer's published keys, kept by a thread of their own: no request, and so no forged token, asks for them."""

import math
import threading
import time
from collections.abc import Callable

import structlog
from cachetools import LRUCache
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.common.auth.keys import KeySet
from services.common.errors import PeerUnavailable
from services.common.runtime import scope
from services.common.runtime.timeouts import TIMEOUTS

AGE = 5.0
BACKOFF = 0.5
FIRST_WAIT = 1.0
FAREWELL = 0.5
UNKNOWN = 1024
KNOWN_EVERYWHERE = AGE + 2 * TIMEOUTS.call
"""Seconds after which everybody who can reach the issuer has a key that it publishes, or no longer has one."""

log = structlog.get_logger()


class PublishedKeys:
    """The key set of `issuer`, which `fetch` asks it for (`lambda: ask(peer, path)`) or raises a PeerError.

    From `start` on it is fetched every AGE seconds, and every BACKOFF seconds as long as there is none; no request
    makes it come sooner. When that fails, the last good set stays in use.

    A key that is not in it may be one that the issuer has published since: it is unknown until a set that was asked for
    later comes without it. The last UNKNOWN such keys are remembered for that; who makes up more of them than that only
    learns later that they do not hold.
    """

    def __init__(self, issuer: str, fetch: Callable[[], KeySet], clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._keys: KeySet = {}
        self._fault = "not asked for"
        self._due_at = clock()
        self._begun = self._ended = self._good = 0
        self._unknown_since: LRUCache[str, int] = LRUCache(UNKNOWN)
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._keep, name="keys", daemon=True)

    @property
    def current(self) -> KeySet:
        """The last good set: the same object until a key comes or goes."""
        return self._keys

    def find(self, kid: str) -> Ed25519PublicKey | None:
        """The key, or None if the issuer does not publish it. Raises PeerUnavailable while that is not known.

        Only the first set is waited for: FIRST_WAIT seconds at most, and no longer than the request has left for peers.
        """
        if not self._keys:
            self._await_first()
        with self._changed:
            key = self._keys.get(kid)
            if key is None and not self._is_refuted(kid):
                why = "the key may be a new one" if self._keys else f"no keys yet, {self._fault}"
                raise PeerUnavailable(self._issuer, why, retry_after=self._seconds())
            return key

    def renew(self) -> None:
        """Ask the issuer, under a request ID of its own."""
        with self._changed:
            self._begun += 1
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

    def _await_first(self) -> None:
        """Wait for the outcome of the next attempt."""
        scope.current().require_thread()
        with self._changed:
            ended = self._ended
            self._changed.wait_for(lambda: self._ended > ended, min(FIRST_WAIT, scope.current().remaining()))

    def _is_refuted(self, kid: str) -> bool:
        """Whether a set came without the key that was asked for after the key was."""
        return bool(self._keys) and self._unknown_since.setdefault(kid, self._begun) < self._good

    def _settle(self, keys: KeySet, fault: str | None) -> None:
        with self._changed:
            if keys != self._keys:
                self._unknown_since.update({kid: 0 for kid in self._keys if kid not in keys})
                self._keys = keys
            self._ended += 1
            if fault is None:
                self._good = self._begun
            self._fault = fault or self._fault
            self._due_at = self._clock() + (AGE if self._keys else BACKOFF)
            self._changed.notify_all()

    def _seconds(self) -> int:
        """After which it is worth while to ask again."""
        return max(1, math.ceil(self._due_at - self._clock()))

    def _keep(self) -> None:
        while self._is_due():
            self.renew()

    def _is_due(self) -> bool:
        """True when the set is to be renewed, False when there is no more use for it; waits for either."""
        with self._changed:
            while not self._closed and (seconds := self._due_at - self._clock()) > 0:
                self._changed.wait(seconds)
            return not self._closed
