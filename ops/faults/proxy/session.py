"""A client's connection over a link and the one to the service behind it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import h11

from ops.faults.proxy.connection import Channel, OnEnd
from ops.faults.proxy.exchange import Exchange
from ops.faults.proxy.framing import Frame, request_frame
from ops.faults.proxy.stats import Hit


class Session:
    """The connection to the service is made when first needed, and ends with the client's: neither notices the proxy.

    `task` is what carries the requests; `connect` makes the connection to the service.
    """

    client: Channel
    task: asyncio.Task[None]

    def __init__(self, connect: Callable[[Channel, OnEnd], Awaitable[Channel]]) -> None:
        self.beyond = b""
        self._connect = connect
        self._upstream: Channel | None = None
        self._idle = False
        self._exchange: Exchange | None = None
        self._hit: Hit | None = None

    async def next_request(self) -> tuple[Frame[h11.Request], bytes]:
        """The next request, at least its head, and its bytes so far; no bytes when the client has ended."""
        request, received = request_frame(), self.beyond
        self.beyond = request.feed(received) if received else b""
        self._idle = not received
        while request.head is None and request.readable:
            data = await self.client.receive()
            if not data:
                return request, b""
            received += data
            self.beyond = request.feed(data)
        self._idle = False
        return request, received[: len(received) - len(self.beyond)]

    async def upstream(self) -> Channel:
        """The connection to the service. Raises OSError."""
        if self._upstream is None:
            self._upstream = await self._connect(self.client, self._upstream_ended)
        return self._upstream

    async def end(self) -> None:
        """Close the client's connection; the other one is closed by the service, or by us after a second.

        The end that closes first keeps the port for a minute, and the caller needs its ports.
        """
        self.client.close()
        if self._upstream:
            await self._upstream.ended()

    def begin(self, exchange: Exchange, hit: Hit | None) -> None:
        """From now on the client's end is the end of this exchange."""
        self._exchange, self._hit = exchange, hit

    def finish(self) -> None:
        """The exchange is over."""
        if self._hit:
            self._hit.finish()
        self._exchange = self._hit = None

    def client_ended(self, lost: bool) -> None:
        """A client that has asked and sends no more is gone: nobody waits for the answer any longer."""
        if self._exchange and (lost or not self._exchange.uploading):
            if self._hit:
                self._hit.leave()
            self.task.cancel()

    def reset(self) -> None:
        """Break off, whatever is under way."""
        if self._hit:
            self._hit.halt()
        self.client.reset()
        self.task.cancel()

    def close(self) -> None:
        for channel in (self.client, self._upstream):
            if channel is not None:
                with contextlib.suppress(OSError):
                    channel.close()

    def _upstream_ended(self, _: bool) -> None:
        if self._idle:
            self.client.close()
