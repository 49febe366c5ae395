"""Host names to addresses within a time limit, which the system's own resolver does not know."""

import ipaddress
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

Addresses = list[tuple[Any, ...]]
Place = tuple[str, int]


def system(host: str, port: int) -> Addresses:
    """What the system says, however long that takes, in getaddrinfo's form. Raises OSError (gaierror)."""
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


class Names:
    """Asks `resolver` for a name in a thread of its own; there is never more than one thread for one name."""

    def __init__(self, resolver: Callable[[str, int], Addresses] = system) -> None:
        self._resolver = resolver
        self._under_way: dict[Place, Future[Addresses]] = {}
        self._lock = threading.Lock()

    def addresses(self, host: str, port: int, within: float) -> Addresses:
        """As `resolver` does. Raises OSError as it does, TimeoutError after `within` seconds.

        A lookup that takes longer goes on; others that ask for the same name meanwhile join it.
        """
        if _is_address(host):
            return self._resolver(host, port)
        with self._lock:
            future = self._under_way.get((host, port)) or self._started((host, port))
        return future.result(within)

    def _started(self, place: Place) -> Future[Addresses]:
        future: Future[Addresses] = Future()
        threading.Thread(target=self._finish, args=[future, place], name=f"lookup of {place[0]}", daemon=True).start()
        self._under_way[place] = future
        return future

    def _finish(self, future: Future[Addresses], place: Place) -> None:
        try:
            outcome: Addresses | OSError = self._resolver(*place)
        except Exception as error:  # also what cannot be a name: nobody waits for this thread for ever
            outcome = error if isinstance(error, OSError) else OSError(str(error))
        with self._lock:
            del self._under_way[place]
        if isinstance(outcome, OSError):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
