"""Passwords as argon2id hashes, with OWASP's minimum parameters, and never so many at once that nothing else runs."""

import base64
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.common.errors import Unavailable

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
AT_ONCE = 2
WAITING = 6
PATIENCE = 1.5
LAST = 0.2
"""What the last hash weighs in how long one takes."""


class Argon2:
    """At most AT_ONCE hashes are computed at a time. WAITING more wait to be made, and as many to be looked at, so that
    neither keeps the other out. Who comes beyond that, or waits for `patience` seconds, gets Unavailable. `pause` waits
    for the seconds it is given.
    """

    def __init__(self, patience: float = PATIENCE, pause: Callable[[float], None] = time.sleep) -> None:
        self._patience = patience
        self._pause = pause
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._making = threading.BoundedSemaphore(AT_ONCE + WAITING)
        self._looking = threading.BoundedSemaphore(AT_ONCE + WAITING)
        self._seconds = 0.0
        self._nobody = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${_random(16)}${_random(32)}"

    def hash(self, password: str) -> str:
        """Of the password in Unicode's form NFC: keyboards differ in how they send the same letters."""
        with self._turn(self._making):
            return self._hashed(password)

    def pretend(self, password: str) -> None:
        """Take as long as `hash` does, turn and all, without its work."""
        with self._turn(self._making):
            if not self._seconds:
                self._hashed(password)
            else:
                self._pause(self._seconds)

    def match(self, password_hash: str | None, password: str) -> bool:
        """Whether this is the password; without a hash False, after the work of looking at one (M27).

        Hashes made before passwords were composed hold for the password as it was sent.
        """
        forms = dict.fromkeys((_composed(password), password))
        with self._turn(self._looking):
            return any(self._verify(password_hash or self._nobody, form) for form in forms)

    def stale(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False

    @contextmanager
    def _turn(self, line: threading.BoundedSemaphore) -> Iterator[None]:
        """The right to compute one hash, after a place in that line. Raises Unavailable."""
        with _held(line, 0), _held(self._turns, self._patience):
            yield

    def _hashed(self, password: str) -> str:
        began = time.monotonic()
        hashed = self._hasher.hash(_composed(password))
        seconds = time.monotonic() - began
        self._seconds += (seconds - self._seconds) * (LAST if self._seconds else 1)
        return hashed


@contextmanager
def _held(places: threading.BoundedSemaphore, patience: float) -> Iterator[None]:
    if not places.acquire(timeout=patience):
        raise Unavailable(detail="too many passwords at once")
    try:
        yield
    finally:
        places.release()


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _random(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
