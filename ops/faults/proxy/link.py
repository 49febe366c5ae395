"""A link: a listening socket in front of one service."""

import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

import h11

from ops.faults.proxy.addresses import Address, LinkPlan
from ops.faults.proxy.attempts import Attempt, Attempts, rfc3339, utc_now
from ops.faults.proxy.connection import Channel, OnEnd, listen, reserve
from ops.faults.proxy.cuts import Cut
from ops.faults.proxy.exchange import Burst, Exchange
from ops.faults.proxy.fault_table import FaultTable
from ops.faults.proxy.kind import Kind
from ops.faults.proxy.session import Session
from ops.faults.proxy.upstream_health import UpstreamHealth

_ASKED: Final = "GET / HTTP/1.1\r\nHost: {}\r\nX-Request-ID: {}\r\nConnection: close\r\n\r\n"


class Target(Protocol):
    """Where a link leads."""

    can_cut: bool
    front: Address | None
    """Where the caller turns to, if not to where the link listens."""

    @property
    def refused(self) -> bool:
        """True while it cannot be reached, so that the link is not to listen."""

    async def begin(self, listening: int) -> None:
        """Return when it was tried for the first time; the link listens at that port."""

    async def look(self) -> None:
        """Find out how it is now."""

    async def connect(self, client: Channel, on_end: OnEnd) -> Channel:
        """A connection to it for that client. Raises OSError."""

    async def passes(self) -> bool:
        """Whether a connection to it comes about."""

    def set_cut(self, is_cut: bool) -> None:
        """Whether nothing passes."""

    def close(self) -> None:
        """Stop watching it."""


class Link:
    """Passes every request on untouched, except those for which the table has a fault.

    While its target refuses connections, so does the link.
    """

    def __init__(self, plan: LinkPlan, table: FaultTable, attempts: Attempts, target: Target | None = None) -> None:
        self.plan = plan
        self._table = table
        self._attempts = attempts
        self._server: asyncio.Server | None = None
        self._reserved: list[socket.socket] = []
        self._sessions: set[Session] = set()
        self._settling = asyncio.Lock()
        self._watch: Target = target or UpstreamHealth(plan.target, self.settle)

    async def open(self) -> None:
        """Listen, if the target does. Raises OSError. A plan with port 0 gets the port the system chose."""
        await self.settle()
        await self._watch.begin(self.plan.listen.port)

    async def look(self) -> None:
        """Find out whether the target refuses connections now, and do as it does. Raises OSError."""
        await self._watch.look()

    async def settle(self) -> None:
        """Listen, unless a fault closes the link or its target refuses connections. Raises OSError."""
        async with self._settling:
            down = self._table.closes(self.plan.name)
            closed = down or self._watch.refused
            if closed and self._server:
                self._close(self._server)
            elif not closed and not self._server:
                await self._open()
            if down:
                self._break_off()
            self._watch.set_cut(self._table.cuts(self.plan.name))

    def close(self) -> None:
        """Listen no more, and break off whatever is under way."""
        self._watch.close()
        if self._server:
            self._server.close()
        while self._reserved:
            self._reserved.pop().close()
        self._break_off()

    @property
    def can_cut(self) -> bool:
        """Whether it can carry nothing at all."""
        return self._watch.can_cut

    async def shows(self, kind: Kind) -> bool:
        """Whether a fault on the whole link is really in force."""
        return not await self._watch.passes() if isinstance(kind, Cut) else await self._refuses()

    async def ask(self, request_id: str, within: float) -> None:
        """Send a request of our own over the link, as the caller would; where it carries no HTTP, a byte."""
        where = self._watch.front or self.plan.listen
        request = _ASKED.format(where, request_id).encode() if self.plan.is_http else b"\0"
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(within):
                reader, writer = await asyncio.open_connection(where.host, where.port)
                with contextlib.closing(writer):
                    writer.write(request)
                    await reader.read()

    async def _refuses(self) -> bool:
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
        self.plan = replace(self.plan, listen=Address(self.plan.listen.host, port))
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
        session = Session(self._watch.connect)
        return session.client_ended, partial(self._begin, session)

    def _begin(self, session: Session, client: Channel) -> None:
        session.client = client
        session.task = asyncio.get_running_loop().create_task(self._serve(session))
        session.task.add_done_callback(lambda _: self._sessions.discard(session))
        self._sessions.add(session)
        if self._server is None:
            session.reset()

    async def _serve(self, session: Session) -> None:
        try:
            if self.plan.is_http:
                while await self._exchange(session):
                    pass
            else:
                await self._pass_bursts(session)
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
        elif exchange.parted:
            await session.end()
        return exchange.keep

    async def _pass_bursts(self, session: Session) -> None:
        """What the client sends at a time is one attempt; what it is answered passes as it comes."""
        upstream = await session.upstream()
        answers = asyncio.create_task(_pour(upstream, session.client))
        try:
            while data := await session.client.receive():
                burst = Burst(session.client, upstream, data, self._begin_attempt(None))
                try:
                    await self._play(session, burst)
                finally:
                    burst.finish()
                    session.finish()
            upstream.finish()
            await answers
        finally:
            answers.cancel()
            await asyncio.wait([answers])

    async def _play(self, session: Session, exchange: Exchange) -> None:
        taken = self._table.take(exchange.attempt)
        if taken is None:
            session.begin(exchange, None)
            await exchange.pass_on()
        else:
            kind, hit = taken
            _log(exchange.attempt, kind)
            session.begin(exchange, hit)
            await kind.play(exchange, hit)

    def _begin_attempt(self, head: h11.Request | None) -> Attempt:
        if head is None:
            return self._attempts.begin(self.plan.name, "", "", "")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        method, path = head.method.decode("latin-1"), head.target.decode("latin-1").partition("?")[0]
        return self._attempts.begin(self.plan.name, headers.get("x-request-id", ""), method, path, headers)


def _log(attempt: Attempt, kind: Kind) -> None:
    """Say on standard output which request meets the fault: its ID, and the span in which it was sent."""
    traceparent = attempt.headers.get("traceparent", "")
    _, trace_id, span_id, _ = traceparent.split("-") if traceparent.count("-") == 3 else [""] * 4
    line = {
        "ts": rfc3339(utc_now()),
        "level": "warning",
        "event": "fault",
        "service": "fault-proxy",
        "requestId": attempt.request_id,
        "traceId": trace_id,
        "parentSpanId": span_id,
        "link": attempt.link,
        "kind": kind.name,
        **kind.settings(),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _pour(source: Channel, sink: Channel) -> None:
    with contextlib.suppress(OSError):
        while data := await source.receive():
            await sink.send(data)
        sink.close()
