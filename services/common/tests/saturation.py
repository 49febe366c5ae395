"""A service whose routes can be held up, each in turn: what the others answer meanwhile."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import bottle
from waitress.wasyncore import close_all

from services.common.database.postgres import POOL
from services.common.runtime import scope
from services.common.runtime.server import SHARED_THREADS, _Drain, _Waitress, listen
from services.common.web.app import NO_ROUTE, App

HELD = "X-Hold"
REQUESTS = 3 * SHARED_THREADS
TIMEOUT = 5
NOBODY = "GET /nowhere"


@dataclass
class Hold:
    """A Bottle plugin: a request with the header HELD first waits in a thread until `over`; `begun` counts them."""

    name, api = "hold", 2
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    over: threading.Event = field(default_factory=threading.Event)

    def apply(self, callback: Callable[..., Any], _route: Any) -> Callable[..., Any]:
        def held(**arguments: Any) -> Any:
            if bottle.request.get_header(HELD):
                scope.current().require_thread()
                self.begun.release()
                self.over.wait(TIMEOUT)
            return callback(**arguments)

        return held


def routes(app: App) -> list[str]:
    """Every route of the application, and one that it does not have, as `METHOD PATH`."""
    named = [re.sub("<[^>]+>", "x", name) for name in app.route_names if name != NO_ROUTE]
    return [*named, NOBODY]


def unanswered(app: App) -> list[tuple[str, str]]:
    """The pairs of routes of which the second does not answer while more requests than there are threads hold up the
    first; an OSError is no answer.
    """
    assert SHARED_THREADS + len(app.route_names) <= POOL, "each thread finds a connection to PostgreSQL"
    hold = Hold()
    app.plugins.insert(0, hold)
    app.reset()
    with _serving(app) as address:
        return [
            (slow, other)
            for slow in routes(app)[:-1]
            for other in _unanswered(address, hold, slow, [one for one in routes(app) if one != slow])
        ]


def _unanswered(address: Any, hold: Hold, slow: str, others: list[str]) -> list[str]:
    hold.over.clear()
    with ExitStack() as stack:
        held = [stack.enter_context(_asked(address, slow, f"{HELD}: yes")) for _ in range(REQUESTS)]
        for _ in range(SHARED_THREADS):
            assert hold.begun.acquire(timeout=TIMEOUT), slow
        silent = [other for other in others if not _answers(address, other)]
        hold.over.set()
        assert all(one.recv(9) == b"HTTP/1.1 " for one in held), f"{slow}: none of those is lost"
    while hold.begun.acquire(blocking=False):
        pass
    return silent


def _answers(address: Any, name: str) -> bool:
    with _asked(address, name) as connection:
        connection.settimeout(TIMEOUT / 5)
        try:
            return connection.recv(9) == b"HTTP/1.1 "
        except TimeoutError:
            return False


def _asked(address: Any, name: str, *headers: str) -> socket.socket:
    """A connection over which that was asked for."""
    connection = socket.create_connection(address, TIMEOUT)
    lines = [f"{name} HTTP/1.1", "Host: x", "Content-Length: 0", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    return connection


@contextmanager
def _serving(app: App) -> Iterator[Any]:
    """Where the application is served by the server that it always has."""
    with listen("127.0.0.1", 0) as listener:
        server = _Waitress(app, listener, _Drain(threading.Event()))
        loop = threading.Thread(target=server.run)
        loop.start()
        try:
            yield listener.getsockname()
        finally:
            server.trigger.pull_trigger(lambda: close_all(server._map))
            loop.join(TIMEOUT)
            server.task_dispatcher.shutdown()
