"""Kept HTTP connections whose exchanges end at a deadline, also when the answer drips (reliability M15).

A library's client costs three times as much for each call as the exchange itself. So the sockets are ours, with the
deadline that no library has, and what comes over them is read by llhttp, the parser of Node.js (httptools).
"""

import random
import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from math import inf
from typing import Any
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

from services.common.peers.names import Addresses, Names

LARGEST_HEAD = 64 * 1024
PIECE = 16 * 1024
KEPT_FOR = 10.0
"""Seconds after which a connection is replaced, so that a replica that is new gets its share of the calls."""
AVOIDED_FOR = 5.0
"""Seconds in which an address that failed is tried after the others."""


class ExchangeError(Exception):
    """No usable answer came. `reason` says why, in the words of the log lines: `hung-up`, `not-http`, `truncated` or
    `too-large`; `status` is that of the answer, where one began.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class NotConnected(ExchangeError):
    """`not-connected` or `name-not-found`."""


class OutOfTime(ExchangeError):
    """`not-connected-in-time` or `no-answer-in-time`."""


class KeptConnectionClosed(ExchangeError):
    """`kept-connection-closed`: one kept from earlier calls ended before a byte of the answer, perhaps unheard."""


class Connections:
    """Up to `size` idle connections to the replicas of one service, `http://host[:port][,host[:port]…]`; a name stands
    for all its addresses. No proxy, redirect or retry. `connect`: seconds for each address.
    """

    def __init__(self, base_url: str, *, size: int, connect: float, kept_for: float = KEPT_FOR) -> None:
        self._idle: list[_Connection] = []
        scheme, _, netloc = base_url.rstrip("/").partition("://")
        urls = [urlsplit(f"//{authority}") for authority in netloc.split(",")]
        if scheme != "http" or not all(url.hostname for url in urls):
            raise ValueError(f"not an http:// URL: {base_url}")
        self._places = [(str(url.hostname), url.port or 80) for url in urls]
        self._head = f"Host: {urls[0].netloc}"
        self._failed: dict[Any, float] = {}
        self._size = size
        self._kept_for = kept_for
        self._connect = connect
        self._names = Names()

    def get(
        self, path: str, headers: Mapping[str, str], *, deadline: float, limit: int, anew: bool = False
    ) -> tuple[int, bytes]:
        """Status and body. Raises ExchangeError, also if the body exceeds `limit` bytes; ValueError for a line break in
        what is sent. `deadline` is on the monotonic clock.

        A kept connection that was closed while it was idle is replaced unasked. One that ends before a byte of the
        answer is KeptConnectionClosed: a GET may be sent again (RFC 9110, 9.2.2; RFC 9112, 9.3.1), and the caller
        counts; `anew` is over a connection that was not kept and is not. After that, and after a timeout, none that
        was kept before is used any more: the host may have moved.
        """
        request = self._request(path, headers)
        idle = self._idle
        kept = None if anew else _usable(idle)
        try:
            connection = kept or self._connected(deadline)
            answer = self._exchanged(connection, request, _Answer(limit), deadline)
        except OutOfTime:
            self._forget(idle)
            raise
        except ExchangeError as error:
            if not kept or kept.is_answered:
                raise
            self._forget(idle)
            raise KeptConnectionClosed("kept-connection-closed") from error
        if answer.keeps and not anew and idle is self._idle and len(idle) < self._size:
            idle.append(connection)
        else:
            connection.close()
        return answer.status, bytes(answer.body)

    def close(self) -> None:
        """Close what is idle; done by itself once nobody holds this any more."""
        self._forget(self._idle)

    __del__ = close

    def _forget(self, idle: "list[_Connection]") -> None:
        """Close all that are idle; those in use are then not kept either."""
        if self._idle is idle:
            self._idle = []
        while idle:
            idle.pop().close()

    def _request(self, path: str, headers: Mapping[str, str]) -> bytes:
        lines = [f"GET {path} HTTP/1.1", self._head, *(f"{name}: {value}" for name, value in headers.items())]
        if not all(map(str.isprintable, lines)):
            raise ValueError("a line break in the head of a request")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _exchanged(self, connection: "_Connection", request: bytes, answer: "_Answer", deadline: float) -> "_Answer":
        """Raises ExchangeError; an address that does not answer in time is avoided for a while."""
        try:
            return connection.exchange(request, answer, deadline)
        except OutOfTime:
            self._failed[connection.address] = time.monotonic()
            raise

    def _connected(self, deadline: float) -> "_Connection":
        """A connection to the first address that takes one. Raises NotConnected, OutOfTime."""
        fault = OSError("the name has no address")
        try:
            for family, kind, protocol, _, address in self._in_turn(self._addresses(deadline)):
                end = time.monotonic() + min(_left(deadline), self._connect)
                try:
                    sock = _connected(socket.socket(family, kind, protocol), address, end)
                    return _Connection(sock, address, time.monotonic() + self._kept_for)
                except OSError as error:
                    self._failed[address] = time.monotonic()
                    fault = error
            raise fault
        except TimeoutError as error:
            raise OutOfTime("not-connected-in-time") from error
        except OSError as error:
            raise NotConnected("not-connected") from error

    def _addresses(self, deadline: float) -> Addresses:
        """Of all names that have one. Raises NotConnected where none has, TimeoutError at the deadline.

        A name that nobody tells in time is not found: so it is where the way to the name server is cut.
        """
        found: Addresses = []
        fault = OSError("the peer has no name")
        for place in self._places:
            seconds = min(_left(deadline), self._connect)
            try:
                found += self._names.addresses(*place, seconds)
            except OSError as error:
                fault = error
        if not found:
            raise NotConnected("name-not-found") from fault
        return found

    def _in_turn(self, addresses: Addresses) -> Addresses:
        """In another order each time, those that failed lately last."""
        since = time.monotonic() - AVOIDED_FOR
        mixed = random.sample(addresses, len(addresses))
        return sorted(mixed, key=lambda one: self._failed.get(one[-1], -inf) > since)


class _Connection:
    """One connection, an exchange at a time; closed after one that failed. `is_answered`: something came back."""

    def __init__(self, sock: socket.socket, address: Any, until: float) -> None:
        self.address = address
        self._until = until
        self._sock = sock
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.settimeout(None)  # the kernel bounds each wait: a Python timeout costs a poll(2) each time
        self.is_answered = False

    def is_usable(self) -> bool:
        """Whether it is not too old, and nothing has come since the last answer, an end least of all."""
        if time.monotonic() > self._until:
            return False
        try:
            self._sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def exchange(self, request: bytes, answer: "_Answer", deadline: float) -> "_Answer":
        """Raises ExchangeError."""
        self.is_answered = False
        try:
            self._wait_until(deadline, socket.SO_SNDTIMEO)
            self._sock.sendall(request)
            while not answer.is_whole:
                self._wait_until(deadline, socket.SO_RCVTIMEO)
                piece = self._sock.recv(PIECE)
                self.is_answered = self.is_answered or bool(piece)
                answer.take(piece)
        except (TimeoutError, BlockingIOError) as error:
            self.close()
            raise OutOfTime("no-answer-in-time") from error
        except OSError as error:
            self.close()
            raise answer.broken_off() from error
        except ExchangeError:
            self.close()
            raise
        return answer

    def close(self) -> None:
        self._sock.close()

    def _wait_until(self, deadline: float, option: int) -> None:
        seconds, fraction = divmod(_left(deadline), 1)
        self._sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(seconds), int(fraction * 1e6) or 1))


class _Answer:
    """What came back so far: `status` is 0 until its head is there. Its end is known by length or chunks alone."""

    def __init__(self, limit: int) -> None:
        self.status = 0
        self.body = bytearray()
        self.is_whole = self.keeps = False
        self._limit = limit
        self._head = 0
        self._parser = HttpResponseParser(self)

    def take(self, piece: bytes) -> None:
        """Raises ExchangeError: nothing comes after an empty `piece`."""
        if not piece:
            raise self.broken_off()
        try:
            self._parser.feed_data(piece)
        except HttpParserError as error:
            raise ExchangeError("truncated" if self.status else "not-http", self.status or None) from error
        self._head += 0 if self.status else len(piece)
        if self._head > LARGEST_HEAD:
            raise ExchangeError("not-http")
        if len(self.body) > self._limit:
            raise ExchangeError("too-large", self.status)

    def broken_off(self) -> ExchangeError:
        """What it means that no more comes."""
        return ExchangeError("truncated", self.status) if self.status else ExchangeError("hung-up")

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self.keeps = self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.is_whole = True


def _usable(idle: list[_Connection]) -> _Connection | None:
    """One of the idle connections, the last used first; those that have ended are closed."""
    with suppress(IndexError):
        while True:
            connection = idle.pop()
            if connection.is_usable():
                return connection
            connection.close()
    return None


def _connected(sock: socket.socket, address: Any, end: float) -> socket.socket:
    """Itself. Raises OSError."""
    try:
        sock.settimeout(_left(end))
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


def _left(deadline: float) -> float:
    """Seconds. Raises TimeoutError if there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the deadline has passed")
    return seconds
