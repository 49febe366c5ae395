"""One request over a link and what becomes of it."""

import asyncio
import contextlib
import gzip
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeAlias

import h11

from ops.faults.proxy.attempts import Attempt
from ops.faults.proxy.connection import Channel
from ops.faults.proxy.framing import Frame, request_frame, response_frame

Connect: TypeAlias = Callable[[], Awaitable[Channel]]
Deliver: TypeAlias = Callable[[bytes, bytes], Awaitable[None]]
"""Takes each piece of an answer: what of it is head, and what is body (as sent: of a chunked one with the chunks)."""


class Answered(NamedTuple):
    """An answer of the real service: the body without chunks and gzip, `more` the header of another coding."""

    status: int
    body: bytes
    more: Sequence[str]


class Exchange:
    """What a kind of fault can do with one request.

    `received` are the bytes of the request that have come so far. Afterwards `keep` says whether the connection
    of the client may carry another request, and `beyond` holds what has come of that one; `parted` says that the
    service closes its connection after this answer.
    """

    def __init__(
        self, client: Channel, connect: Connect, request: Frame[h11.Request], received: bytes, attempt: Attempt
    ) -> None:
        self.client = client
        self.attempt = attempt
        self.keep = False
        self.parted = False
        self.beyond = b""
        self._connect = connect
        self._request = request
        self._received = received
        self._started = time.perf_counter()
        self._content: bytearray | None = None
        self._coding = b""

    async def pass_on(self, deliver: Deliver | None = None) -> None:
        """Let the real service answer; each piece of the answer goes through `deliver`, else straight to the client.

        Raises OSError when the service cannot be reached or leaves in the middle.
        """
        upstream = await self._connect()
        await upstream.send(self._received)
        upload = None if self._request.complete else asyncio.create_task(self._upload(upstream))
        try:
            reusable = await self._relay(upstream, deliver)
            if upload and reusable:
                await upload
        finally:
            if upload:
                upload.cancel()
                await asyncio.wait([upload])
        self.keep = reusable and self._request.reusable

    async def ask(self) -> Answered | None:
        """Let the real service answer, and keep its answer from the client; None without an answer.

        Raises OSError when the service cannot be reached or leaves in the middle.
        """

        async def keep(_head: bytes, _piece: bytes) -> None:
            """Nothing of it is for the client."""

        self._content = bytearray()
        await self.pass_on(keep)
        self.keep = False
        return None if self.attempt.status is None else _decoded(self.attempt.status, self._coding, self._content)

    async def answer(
        self, status: int, content_type: str, body: bytes, *, more: Sequence[str] = (), keep: bool = True
    ) -> bool:
        """Answer in place of the service, with `more` headers; returns whether with the body, which some cannot have.

        With `keep`, the connection stays open if the client has nothing against it.
        """
        await self._take_in()
        self.keep = keep and self._request.reusable
        head = [
            f"HTTP/1.1 {status} Injected",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}",
            f"X-Request-ID: {self.attempt.request_id}",
            "Connection: " + ("keep-alive" if self.keep else "close"),
            *more,
        ]
        self.attempt.status = status
        self.finish()
        bodiless = self.attempt.method == "HEAD" or status in (204, 304)
        await self.client.send("\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if bodiless else body))
        return not bodiless

    async def swallow(self, over: asyncio.Event) -> None:
        """Take whatever the client sends, and give nothing, until it leaves or something is over."""
        waits = [asyncio.create_task(self._swallow()), asyncio.create_task(over.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.wait(waits)

    def finish(self) -> None:
        """Nothing more comes to the client."""
        self.attempt.ms = round((time.perf_counter() - self._started) * 1000, 3)

    @property
    def uploading(self) -> bool:
        """Whether the client is still sending the request."""
        return not self._request.complete

    async def _take_in(self) -> None:
        if self._request.expects_continue:
            await self.client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        while self.uploading and (data := await self.client.receive()):
            self.beyond = self._request.feed(data)

    async def _swallow(self) -> None:
        with contextlib.suppress(OSError):
            while await self.client.receive():
                pass

    async def _upload(self, upstream: Channel) -> None:
        with contextlib.suppress(OSError):
            while self.uploading:
                data = await self.client.receive()
                if not data:
                    upstream.finish()
                    break
                self.beyond = self._request.feed(data)
                await upstream.send(data[: len(data) - len(self.beyond)])

    async def _relay(self, upstream: Channel, deliver: Deliver | None) -> bool:
        """Pass the answer on; returns whether the connections may be used again.

        What is for the client as it came is on its way before it is read here, so that reading it delays nobody.
        """
        answer = response_frame(self.attempt.method.encode() or b"GET")
        answer.readable = self._request.readable
        answer.content = self._content
        beyond = b""
        while not answer.complete and (data := await upstream.receive()):
            if deliver is None:
                self.finish()
                self.client.hand_over(data)
            beyond = answer.feed(data)
            self.attempt.status = answer.head.status_code if answer.head else None
            if deliver is None:
                await self.client.sent()
            else:
                await deliver(data[: answer.heading], data[answer.heading :])
        self.parted = answer.complete and not answer.reusable
        self._coding = dict(answer.head.headers).get(b"content-encoding", b"") if answer.head else b""
        return answer.reusable and not beyond


class Burst(Exchange):
    """What a client sends at a time, in whatever protocol: faults that need no HTTP can meet it."""

    uploading = False

    def __init__(self, client: Channel, upstream: Channel, data: bytes, attempt: Attempt) -> None:
        super().__init__(client, _never, request_frame(), data, attempt)
        self._upstream = upstream

    async def pass_on(self, deliver: Deliver | None = None) -> None:
        """Send the bytes on; `deliver` gets nothing to deliver, and may take its time over it."""
        if deliver:
            await deliver(b"", b"")
        await self._upstream.send(self._received)


def _decoded(status: int, coding: bytes, content: bytes | bytearray) -> Answered:
    if coding.lower() in (b"gzip", b"x-gzip"):
        with contextlib.suppress(OSError, EOFError, zlib.error):
            return Answered(status, gzip.decompress(content), ())
    return Answered(status, bytes(content), [f"Content-Encoding: {coding.decode('latin-1')}"] if coding else ())


async def _never() -> Channel:
    raise ConnectionRefusedError
