"""A link: a listening socket in front of one service."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial

import h11

from ops.faults.addresses import Address, LinkPlan
from ops.faults.attempts import Attempt, Attempts
from ops.faults.book import Book
from ops.faults.channels import Channel, OnEnd, connect, listen, reserve
from ops.faults.exchange import Exchange
from ops.faults.sessions import Session
from ops.faults.watching import Watch


class Link:
    """Passes every request on untouched, except those for which the book has a fault.

    While its target refuses connections, so does the link.
    """

    def __init__(self, plan: LinkPlan, book: Book, attempts: Attempts) -> None:
        self.plan = plan
        self._book = book
        self._attempts = attempts
        self._server: asyncio.Server | None = None
        self._reserved: list[socket.socket] = []
        self._sessions: set[Session] = set()
        self._settling = asyncio.Lock()
        self._watch = Watch(plan.target, self.settle)

    async def open(self) -> None:
        """Listen, if the target does. Raises OSError. A plan with port 0 gets the port the system chose."""
        await self.settle()
        await self._watch.begin()

    async def look(self) -> None:
        """Find out whether the target refuses connections now, and do as it does. Raises OSError."""
        await self._watch.look()

    async def settle(self) -> None:
        """Listen, unless a fault closes the link or its target refuses connections. Raises OSError."""
        async with self._settling:
            down = self._book.closes(self.plan.name)
            closed = down or self._watch.refused
            if closed and self._server:
                self._close(self._server)
            elif not closed and not self._server:
                await self._open()
            if down:
                self._break_off()

    def close(self) -> None:
        """Listen no more, and break off whatever is under way."""
        self._watch.close()
        if self._server:
            self._server.close()
        while self._reserved:
            self._reserved.pop().close()
        self._break_off()

    async def refuses(self) -> bool:
        """Whether a connection is really refused."""
        try:
            _, writer = await asyncio.open_connection(self.plan.listen.host, self.plan.listen.port)
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
        writer.close()
        return False

    async def _open(self) -> None:
        self._server = await listen(self.plan.listen, self._accept)
        port = self._server.sockets[0].getsockname()[1]
        self.plan = LinkPlan(self.plan.name, Address(self.plan.listen.host, port), self.plan.target)
        while self._reserved:
            self._reserved.pop().close()

    def _close(self, server: asyncio.Server) -> None:
        names = [(listening.family, listening.getsockname()) for listening in server.sockets]
        server.close()
        self._server = None
        self._reserved = [reserve(family, name) for family, name in names]

    def _break_off(self) -> None:
        for session in self._sessions:
            session.reset()

    def _accept(self) -> tuple[OnEnd, Callable[[Channel], None]]:
        session = Session(self._connect)
        return session.client_ended, partial(self._begin, session)

    async def _connect(self, on_end: OnEnd) -> Channel:
        try:
            return await connect(self.plan.target, on_end)
        except OSError:
            self._watch.doubt()
            raise

    def _begin(self, session: Session, client: Channel) -> None:
        session.client = client
        session.task = asyncio.get_running_loop().create_task(self._serve(session))
        session.task.add_done_callback(lambda _: self._sessions.discard(session))
        self._sessions.add(session)
        if self._server is None:
            session.reset()

    async def _serve(self, session: Session) -> None:
        try:
            while await self._exchange(session):
                pass
        except OSError:
            session.client.reset()
        finally:
            session.close()

    async def _exchange(self, session: Session) -> bool:
        """One request and its answer; returns whether the connection may carry another."""
        request, received = await session.next_request()
        if not received:
            return False
        exchange = Exchange(session.client, session.upstream, request, received, self._begin_attempt(request.head))
        try:
            await self._play(session, exchange)
        finally:
            exchange.finish()
            session.finish()
        session.beyond += exchange.beyond
        if not exchange.keep and exchange.uploading:
            await session.client.close_gently()
        return exchange.keep

    async def _play(self, session: Session, exchange: Exchange) -> None:
        taken = self._book.take(exchange.attempt)
        if taken is None:
            session.begin(exchange, None)
            await exchange.pass_on()
        else:
            kind, hit = taken
            session.begin(exchange, hit)
            await kind.play(exchange, hit)

    def _begin_attempt(self, head: h11.Request | None) -> Attempt:
        if head is None:
            return self._attempts.begin(self.plan.name, "", "", "")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        method, path = head.method.decode("latin-1"), head.target.decode("latin-1").partition("?")[0]
        return self._attempts.begin(self.plan.name, headers.get("x-request-id", ""), method, path, headers)
