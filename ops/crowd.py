"""Many at the same time, who stop at the end of a block, however it ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

Action: TypeAlias = Callable[[threading.Event], None]


@contextlib.contextmanager
def crowd(actions: Sequence[Action]) -> Iterator[list[Future[None]]]:
    """Each action has a thread of its own and the event that tells it to stop, set after the block; all are waited for.

    Raises nothing of theirs: that is in the futures. An interruption while they begin stops those that have begun.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(len(actions)) as pool:
        try:
            yield [pool.submit(action, stop) for action in actions]
        finally:
            stop.set()
