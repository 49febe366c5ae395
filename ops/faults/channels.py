"""TCP connections as the proxy handles them."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ops.faults.addresses import Address

CHUNK: Final = 65_536
_LINGER: Final = 1.0
_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Channel:
    """One connection. Every method may raise OSError when the other end is gone."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def receive(self) -> bytes:
        """Some bytes; b"" when the other end has finished sending."""
        return await self.reader.read(CHUNK)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
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
        with contextlib.suppress(OSError, TimeoutError):
            self.finish()
            async with asyncio.timeout(_LINGER):
                while await self.receive():
                    pass
        self.close()


class _Notifying(asyncio.StreamReaderProtocol):
    """Tells at once when the other end closes, also while nobody reads."""

    def __init__(self, reader: asyncio.StreamReader, on_end: Callable[[], None]) -> None:
        super().__init__(reader)
        self._on_end = on_end

    def eof_received(self) -> bool | None:
        self._on_end()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_end()
        super().connection_lost(exc)


async def connect(target: Address, on_end: Callable[[], None]) -> Channel:
    """A connection to `target`. Raises OSError."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=CHUNK)
    protocol = _Notifying(reader, on_end)
    transport, _ = await loop.create_connection(lambda: protocol, target.host, target.port)
    return Channel(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
