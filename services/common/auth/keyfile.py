"""The file that holds the issuer's keys, for its owner alone; each change of it is one step, also for who reads it.

Its first PEM block signs. Others are keys that are published beside it: a new one before it signs, so that everybody
has it by then, and an old one for as long as tokens that it signed may be in use.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.common.auth.keys import KeySet, OwnKeys, pem
from services.common.errors import NotFound

State = tuple[int, int, int]

log = structlog.get_logger()


class FiledKeys:
    """The keys of the file at `path`, read again when it changes. Raises OSError, ValueError where it is of no use.

    One that cannot be read later leaves the keys as they are, is logged once, and is tried again at each use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = self._logged = _state(path)
        self._own = OwnKeys(path.read_bytes())

    def own(self) -> OwnKeys:
        """What the file holds now."""
        state = _state(self._path)
        if state != self._state:
            self._read(state)
        return self._own

    @property
    def current(self) -> KeySet:
        return self.own().current

    def find(self, kid: str) -> Ed25519PublicKey | None:
        return self.own().find(kid)

    def _read(self, state: State | None) -> None:
        try:
            self._own, self._state = OwnKeys(self._path.read_bytes()), state
            log.info("keys-read", signs=self._own.kid, published=list(self._own.current))
        except (OSError, ValueError) as error:
            if state != self._logged:
                log.error("keys-not-read", error=str(error))
        self._logged = state


def make(path: Path) -> bool:
    """Write a new Ed25519 key as PEM, mode 0600; False when there is a file of that name, which stays. Raises OSError.

    The name appears with the whole key behind it, so that a call that is killed, or two at once, leave no half of one.
    """
    with _draft(path, [Ed25519PrivateKey.generate()]) as draft:
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return False
    return True


def rotate(path: Path, wait: Callable[[], None]) -> OwnKeys:
    """Let a new key sign: it is published, then `wait` until everybody has it; the one before stays published.

    A call that was ended while it waited is taken up by the next. Raises OSError, ValueError.
    """
    with _alone(path):
        before = OwnKeys(path.read_bytes())
        new = before.next or Ed25519PrivateKey.generate()
        old = [key for key in before.current.values() if key != new.public_key()]
        _replace(path, [before.private, new, *old[1:]])
        wait()
        _replace(path, [new, *old])
        return OwnKeys(path.read_bytes())


def withdraw(path: Path, kid: str, wait: Callable[[], None]) -> OwnKeys:
    """Publish a key no longer; if it is the one that signs, `rotate` first. Raises NotFound, OSError, ValueError."""
    if OwnKeys(path.read_bytes()).kid == kid:
        rotate(path, wait)
    with _alone(path):
        own = OwnKeys(path.read_bytes())
        if kid not in own.current:
            raise NotFound("key-not-found", f"There is no key {kid}.")
        _replace(path, [own.private, *(key for known, key in own.filed.items() if known not in (kid, own.kid))])
        return OwnKeys(path.read_bytes())


def _replace(path: Path, keys: Sequence[Ed25519PrivateKey | Ed25519PublicKey]) -> None:
    with _draft(path, keys) as draft:
        draft.replace(path)


@contextmanager
def _draft(path: Path, keys: Sequence[Ed25519PrivateKey | Ed25519PublicKey]) -> Iterator[Path]:
    """A file beside `path` that is gone in the end, unless it was given another name."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(b"".join(map(pem, keys)))
            file.flush()
            os.fsync(file.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes the keys meanwhile; the folder is what is locked, as the file is replaced."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
        os.fsync(folder)
    finally:
        os.close(folder)


def _state(path: Path) -> State | None:
    """What changes with the content; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
