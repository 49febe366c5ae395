"""A fault that is in force for some time: said while it is, and not only when it is over."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from ops.progress import Progress


def hold(in_force: AbstractContextManager[object], what: str, seconds: float) -> None:
    """Stay in that block for so many seconds; after Ctrl-C say that what it did is undone, and go on with that."""
    progress = Progress()
    try:
        with in_force:
            until = datetime.now().astimezone() + timedelta(seconds=seconds)
            progress.say(f"{what} is in force until {until:%H:%M:%S %Z}; Ctrl-C ends it")
            time.sleep(seconds)
    except KeyboardInterrupt:
        progress.say(f"{what} is undone", "ok")
        raise
