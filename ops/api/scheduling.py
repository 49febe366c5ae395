"""Workers: several behave processes that share the scenarios of one run. Who takes which, and who must be alone."""

import fcntl
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path


class Turns:
    """One worker's part in `folder`, which all workers of the run share; without a folder it is the only one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def take(self, scenario: str) -> bool:
        """True for the first worker that asks for this scenario."""
        if self._folder is None:
            return True
        try:
            (self._folder / scenario.replace("/", ".")).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def wait(self, *, alone: bool) -> Callable[[], None]:
        """Return when nobody is under way who must not be meanwhile; what is returned ends the turn.

        A process that is killed ends its turn, too.
        """
        if self._folder is None:
            return lambda: None
        handle = os.open(self._folder / "turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        return partial(os.close, handle)
