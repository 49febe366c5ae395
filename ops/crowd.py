"""Many at the same time, who stop when they are told to: by the end of a block, however it ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

Deed: TypeAlias = Callable[[threading.Event], None]


@contextlib.contextmanager
def crowd(deeds: Sequence[Deed]) -> Iterator[list[Future[None]]]:
    """Each deed has a thread of its own and the event that tells it to stop, set after the block; all are waited for.

    Raises nothing of theirs: that is in the futures. An interruption while they begin stops those that have begun.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(len(deeds)) as pool:
        try:
            yield [pool.submit(deed, stop) for deed in deeds]
        finally:
            stop.set()
