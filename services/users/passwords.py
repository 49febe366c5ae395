"""Passwords as argon2id hashes, with OWASP's minimum parameters, and never so many at once that nothing else runs."""

import base64
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.common.errors import Unavailable

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
AT_ONCE = 2
PATIENCE = 1.5


class Argon2:
    """At most AT_ONCE hashes are computed at a time; who waits `patience` seconds for a turn gets Unavailable."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${_random(16)}${_random(32)}"

    def hash(self, password: str) -> str:
        """Of the password in Unicode's form NFC: keyboards differ in how they send the same letters."""
        with self.turn():
            return self._hasher.hash(_composed(password))

    def match(self, password_hash: str | None, password: str) -> bool:
        """Whether this is the password; without a hash False, after the work of looking at one (M27).

        Hashes made before passwords were composed hold for the password as it was sent.
        """
        forms = dict.fromkeys((_composed(password), password))
        return any(self._verify(password_hash or self._nobody, form) for form in forms)

    def stale(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        with self.turn():
            try:
                return self._hasher.verify(password_hash, password)
            except VerifyMismatchError:
                return False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The right to compute one hash. Raises Unavailable."""
        if not self._turns.acquire(timeout=self._patience):
            raise Unavailable(detail="too many passwords at once")
        try:
            yield
        finally:
            self._turns.release()


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _random(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
