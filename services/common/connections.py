"""Pooled HTTP connections whose exchanges end at a deadline, whatever trickles in (reliability M15)."""

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3 import HTTPConnectionPool as Pool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
)
from urllib3.exceptions import TimeoutError as TimedOut

from services.common.names import Addresses, Names
from services.common.reasons import KeptConnectionClosed, Unusable


@dataclass
class Exchange:
    """One request and its answer, to be over at `deadline` on the monotonic clock."""

    deadline: float
    names: Names
    reused: bool = False
    answered: bool = False

    def left(self) -> float:
        """Seconds left. Raises TimeoutError if there are none."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds

    @property
    def stale(self) -> bool:
        """True if it failed on a kept connection that the other side had given up: nothing came back on it."""
        return self.reused and not self.answered


_exchange: ContextVar[Exchange] = ContextVar("exchange")


class Connections:
    """Up to `size` idle connections to one `http://host[:port]`; never a proxy, a redirect or a retry."""

    def __init__(self, base_url: str, *, size: int, connect: float) -> None:
        url = urllib3.util.parse_url(base_url)
        if url.scheme != "http" or not url.host:
            raise ValueError(f"not an http:// URL: {base_url}")
        self._address = (url.host.strip("[]"), url.port or 80)
        self._size = size
        self._connect = connect
        self._names = Names()
        self._pool = self._fresh_pool()

    def get(
        self, path: str, headers: Mapping[str, str], *, deadline: float, limit: int, anew: bool = False
    ) -> tuple[int, bytes]:
        """Status and body. Raises urllib3.exceptions.HTTPError: Unusable if the body breaks off or exceeds `limit`.

        A kept connection that was closed while it was idle is replaced unasked. One that ends before a byte of the
        answer is KeptConnectionClosed: a GET may be sent again (RFC 9110, 9.2.2; RFC 9112, 9.3.1), and the caller
        counts; `anew` is over a connection that was not kept and is not. After that, and after a timeout, none that
        was kept before is used any more: the host may have moved.
        """
        if anew:
            with closing(self._fresh_pool()) as own:
                return self._exchanged(own, path, headers, Exchange(deadline, self._names), limit)
        while True:
            with suppress(ClosedPoolError):
                return self._exchanged(self._pool, path, headers, Exchange(deadline, self._names), limit)

    def close(self) -> None:
        self._pool.close()

    def _fresh_pool(self) -> Pool:
        pool = Pool(*self._address, maxsize=self._size)
        pool.ConnectionCls = _Connection
        return pool

    def _exchanged(
        self, pool: Pool, path: str, headers: Mapping[str, str], exchange: Exchange, limit: int
    ) -> tuple[int, bytes]:
        """Raises ClosedPoolError, before anything is sent, if another call has given the pool up meanwhile."""
        try:
            with _under(exchange):
                return self._get(pool, path, headers, exchange, limit)
        except TimedOut:
            self._give_up(pool)
            raise
        except ProtocolError as error:
            if not exchange.stale:
                raise
            self._give_up(pool)
            raise KeptConnectionClosed(*error.args) from error

    def _give_up(self, pool: Pool) -> None:
        if self._pool is pool:
            self._pool = self._fresh_pool()
        pool.close()

    def _get(
        self, pool: Pool, path: str, headers: Mapping[str, str], exchange: Exchange, limit: int
    ) -> tuple[int, bytes]:
        left = exchange.left()
        timeout = urllib3.Timeout(connect=min(self._connect, left), read=left)
        response = pool.urlopen("GET", path, headers=headers, timeout=timeout, retries=False, preload_content=False)
        body = _body(response, limit)
        response.release_conn()
        return response.status, body


class _Connection(HTTPConnection):
    """Looks names up in time, and reads from a socket that knows the deadline."""

    def request(self, *arguments: Any, **options: Any) -> None:
        _exchange.get().reused = self.sock is not None
        super().request(*arguments, **options)

    def _new_conn(self) -> socket.socket:
        try:
            found = _exchange.get().names.addresses(self.host, self.port, self._seconds())
        except OSError as error:
            raise NameResolutionError(self.host, self, socket.gaierror(*error.args)) from error
        try:
            return self._connected(found)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error

    def _connected(self, found: Addresses) -> socket.socket:
        """A connection to the first address that takes one, else the last one's OSError."""
        fault = OSError("the name has no address")
        for family, kind, protocol, _, address in found:
            sock = _Socket(family, kind, protocol)
            try:
                sock.settimeout(self._seconds())
                sock.connect(address)
            except OSError as error:
                sock.close()
                fault = error
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        raise fault

    def _seconds(self) -> float:
        return min(self.timeout or 0.0, _exchange.get().left())


class _Socket(socket.socket):
    """Waits for the rest of the current exchange's time, not for a fixed time at each read."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        exchange = _exchange.get()
        self.settimeout(exchange.left())
        count = super().recv_into(*arguments, **options)
        exchange.answered = exchange.answered or count > 0
        return count


def _body(response: urllib3.BaseHTTPResponse, limit: int) -> bytes:
    """All that was promised: one read may stop short of it without a word."""
    body = b""
    try:
        while piece := response.read(limit + 1 - len(body), decode_content=False):
            body += piece
    except ProtocolError as error:
        raise Unusable(response.status, "truncated") from error
    if len(body) > limit:
        response.close()
        raise Unusable(response.status, "too-large")
    return body


@contextmanager
def _under(exchange: Exchange) -> Iterator[None]:
    token = _exchange.set(exchange)
    try:
        yield
    finally:
        _exchange.reset(token)
