"""The threads that answer: requests of one route may all be held up, and every other route has a thread (a bulkhead).

All routes share `shared` threads, and each has one more that is kept for it while it uses none.
"""

from collections import deque
from collections.abc import Callable, Collection
from itertools import count
from typing import Any

from waitress.task import ThreadedTaskDispatcher


class Threads(ThreadedTaskDispatcher):  # type: ignore[misc] # Waitress is untyped
    """`route_of` says to which of the `routes` a task belongs. A task that may not begin yet waits without a thread;
    of those that may, the one that came first begins.
    """

    def __init__(self, routes: Collection[str], shared: int, route_of: Callable[[Any], str]) -> None:
        super().__init__()
        self._route_of = route_of
        self._waiting: dict[str, deque[tuple[int, Any]]] = {route: deque() for route in routes}
        self._busy = dict.fromkeys(routes, 0)
        self._arrivals = count()
        self._size = shared + len(routes)
        self.set_thread_count(self._size)

    def add_task(self, task: Any) -> None:
        """Let a thread do `task.service()`."""
        with self.lock:
            self._waiting[self._route_of(task)].append((next(self._arrivals), task))
            self.queue_cv.notify()

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Let the threads end what they have begun, for `timeout` seconds; the other tasks are cancelled."""
        with self.lock:
            for waiting in self._waiting.values():
                self.queue.extend(task for _, task in waiting)
                waiting.clear()
        return bool(super().shutdown(cancel_pending, timeout))

    def handler_thread(self, thread_no: int) -> None:
        """What one thread does until it is stopped."""
        while taken := self._take(thread_no):
            route, task = taken
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)
            finally:
                self._end(route)

    def _take(self, thread_no: int) -> tuple[str, Any] | None:
        """The next task and its route, once there is one that may begin; None if this thread is to stop."""
        with self.lock:
            while not self.stop_count:
                if route := self._next_route():
                    self._busy[route] += 1
                    return route, self._waiting[route].popleft()[1]
                self.queue_cv.wait()
            self.stop_count -= 1
            self.threads.discard(thread_no)
            self.thread_exit_cv.notify()
            return None

    def _end(self, route: str) -> None:
        with self.lock:
            self._busy[route] -= 1

    def _next_route(self) -> str | None:
        """That of the first task that may begin."""
        heads = [(waiting[0][0], route) for route, waiting in self._waiting.items() if waiting]
        return next((route for _, route in sorted(heads) if self._may_begin(route)), None)

    def _may_begin(self, route: str) -> bool:
        """Whether, after that, a thread is left for each route that has none."""
        if not self._busy[route]:
            return True
        free = self._size - sum(self._busy.values())
        return free > list(self._busy.values()).count(0)
