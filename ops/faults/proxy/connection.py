"""TCP connections as the proxy handles them."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from ops.faults.proxy.addresses import Address

CHUNK: Final = 65_536
_LINGER: Final = 1.0
_RESET: Final = struct.pack("ii", 1, 0)
_BACKLOG: Final = 1024

OnEnd: TypeAlias = Callable[[bool], None]
"""Told at once, also while nobody reads, that the other end sends no more; with True, that the connection is lost."""


@dataclass(frozen=True)
class Channel:
    """One connection. Every method may raise OSError when the other end is gone."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def receive(self) -> bytes:
        """Some bytes; b"" when the other end has finished sending."""
        return await self.reader.read(CHUNK)

    async def send(self, data: bytes) -> None:
        self.hand_over(data)
        await self.sent()

    def hand_over(self, data: bytes) -> None:
        """Begin to send; `sent` returns when there is room for more."""
        self.writer.write(data)

    async def sent(self) -> None:
        await self.writer.drain()

    def finish(self) -> None:
        """Say that nothing more is sent; receiving goes on."""
        self.writer.write_eof()

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """End with a TCP reset, as a process that died does."""
        peer: socket.socket = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.writer.transport.abort()

    async def close_gently(self) -> None:
        """Close while the other end still sends: unread bytes would reset the connection and lose it our last words."""
        with contextlib.suppress(OSError):
            self.finish()
            await self.ended()
        self.close()

    async def ended(self) -> None:
        """Return when the other end sends no more, or after a second; what it sends is for nobody."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self.receive():
                    pass


class _Notifying(asyncio.StreamReaderProtocol):
    def __init__(self, on_end: OnEnd, on_open: Callable[[Channel], None] = lambda _: None) -> None:
        self.reader = asyncio.StreamReader(limit=CHUNK)
        super().__init__(self.reader, lambda reader, writer: on_open(Channel(reader, writer)))
        self._on_end = on_end

    def eof_received(self) -> bool | None:
        self._on_end(False)
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_end(True)
        super().connection_lost(exc)


async def connect(target: Address, on_end: OnEnd, mark: int | None = None) -> Channel:
    """A connection to `target`; its packets carry the `mark` (SO_MARK). Raises OSError."""
    opened: list[Channel] = []
    loop = asyncio.get_running_loop()

    def protocol() -> asyncio.Protocol:
        return _Notifying(on_end, opened.append)

    if mark is None:
        await loop.create_connection(protocol, target.host, target.port)
    else:
        await loop.create_connection(protocol, sock=await _marked(target, mark))
    return opened[0]


async def _marked(target: Address, mark: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        connecting.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
        await asyncio.get_running_loop().sock_connect(connecting, (target.host, target.port))
    except BaseException:
        connecting.close()
        raise
    return connecting


async def listen(address: Address, accept: Callable[[], tuple[OnEnd, Callable[[Channel], None]]]) -> asyncio.Server:
    """Listen at `address`; for each connection `accept` says whom to tell of its end and its beginning.

    Raises OSError.
    """
    return await asyncio.get_running_loop().create_server(
        lambda: _Notifying(*accept()), address.host, address.port, backlog=_BACKLOG
    )


def reserve(family: int, name: tuple[str | int, ...]) -> socket.socket:
    """Take an address without listening: nobody else gets it, and connections to it are refused. Raises OSError."""
    reserved = socket.socket(family, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(name)
    return reserved
