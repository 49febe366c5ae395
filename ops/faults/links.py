"""A link: a listening socket in front of one service."""

import asyncio
import contextlib

import h11

from ops.faults.addresses import Address, LinkPlan
from ops.faults.attempts import Attempt, Attempts
from ops.faults.book import Book
from ops.faults.channels import CHUNK, Channel, connect
from ops.faults.exchange import Exchange
from ops.faults.framing import Frame, request_frame


class Link:
    """Passes every request on untouched, except those for which the book has a fault.

    One connection to the service stands behind each of the client's and ends with it: neither side notices the proxy.
    """

    def __init__(self, plan: LinkPlan, book: Book, attempts: Attempts) -> None:
        self.plan = plan
        self._book = book
        self._attempts = attempts
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen. Raises OSError. A plan with port 0 gets the port that the system chose."""
        listen = self.plan.listen
        self._server = await asyncio.start_server(self._serve, listen.host, listen.port, limit=CHUNK, backlog=1024)
        port = self._server.sockets[0].getsockname()[1]
        self.plan = LinkPlan(self.plan.name, Address(listen.host, port), self.plan.target)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(Channel(reader, writer), self.plan.target)
        try:
            while await self._exchange(session):
                pass
        except OSError:
            session.client.reset()
        finally:
            session.end()

    async def _exchange(self, session: "_Session") -> bool:
        """One request and its answer; returns whether the connection may carry another."""
        request, received = await session.next_request()
        if not received:
            return False
        exchange = Exchange(session.client, session.upstream, request, received, self._begin(request.head))
        kind = self._book.take(exchange.attempt)
        await (exchange.pass_on() if kind is None else kind.play(exchange))
        session.beyond += exchange.beyond
        if not exchange.keep and exchange.uploading:
            await session.client.close_gently()
        return exchange.keep

    def _begin(self, head: h11.Request | None) -> Attempt:
        if head is None:
            return self._attempts.begin(self.plan.name, "", "", "")
        request_id = next((value for name, value in head.headers if name == b"x-request-id"), b"")
        path = head.target.partition(b"?")[0]
        return self._attempts.begin(
            self.plan.name, request_id.decode("latin-1"), head.method.decode("latin-1"), path.decode("latin-1")
        )


class _Session:
    """A client's connection and the one to the service behind it, made when first needed."""

    def __init__(self, client: Channel, target: Address) -> None:
        self.client = client
        self.beyond = b""
        self._target = target
        self._upstream: Channel | None = None
        self._idle = False

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
            self._upstream = await connect(self._target, self._upstream_ended)
        return self._upstream

    def end(self) -> None:
        for channel in (self.client, self._upstream):
            if channel is not None:
                with contextlib.suppress(OSError):
                    channel.close()

    def _upstream_ended(self) -> None:
        if self._idle:
            self.client.close()
