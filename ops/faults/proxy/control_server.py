"""The control address on a connection: one request, one answer."""

import asyncio
import contextlib
import hmac
import json
from typing import Final

import h11

from ops.faults.proxy.addresses import Address
from ops.faults.proxy.connection import Channel
from ops.faults.proxy.control import Answer, Control
from ops.faults.proxy.framing import Frame, request_frame

_PATIENCE: Final = 5.0
_LARGEST: Final = 65_536


async def serve(
    control: Control, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, secret: str = ""
) -> None:
    """Answer the one request of a connection; only who knows the `secret`, where there is one, may do anything."""
    channel = Channel(reader, writer)
    with contextlib.suppress(OSError, TimeoutError), contextlib.closing(channel):
        async with asyncio.timeout(_PATIENCE):
            request, received = await _read(channel)
        refusal = _refusal(request.head, secret, writer.get_extra_info("sockname")) if secret and request.head else None
        status, answer = refusal or await _ask(control, request, received)
        body = json.dumps(answer).encode()
        head = (
            f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close"
        )
        await channel.send(head.encode() + b"\r\n\r\n" + body)


def _refusal(head: h11.Request, secret: str, own: tuple[str, int]) -> Answer | None:
    """What a page in a browser, or another user of this machine, is answered; a look at `/healthz` is free."""
    headers = dict(head.headers)
    if b"origin" in headers or headers.get(b"host") != str(Address(*own[:2])).encode():
        return 403, {"status": 403, "detail": "not for browsers"}
    given = headers.get(b"authorization", b"")
    if head.target != b"/healthz" and not hmac.compare_digest(given, f"Bearer {secret}".encode()):
        return 401, {"status": 401, "detail": "the secret is wrong"}
    return None


async def _read(channel: Channel) -> tuple[Frame[h11.Request], bytes]:
    request, received = request_frame(), b""
    while not request.complete and request.readable and len(received) <= _LARGEST:
        data = await channel.receive()
        request.feed(data)
        received += data
    return request, received


async def _ask(control: Control, request: Frame[h11.Request], received: bytes) -> Answer:
    if request.head is None or not request.complete or len(received) > _LARGEST:
        return 400, {"status": 400, "detail": "not an HTTP/1.1 request, or too large"}
    method, target = request.head.method.decode(), request.head.target.decode("latin-1")
    return await control.answer(method, target, _body(received))


def _body(received: bytes) -> bytes:
    """The body of a whole request, also of a chunked one."""
    parser, body = h11.Connection(h11.SERVER), b""
    parser.receive_data(received)
    while not isinstance(event := parser.next_event(), h11.EndOfMessage):
        body += bytes(event.data) if isinstance(event, h11.Data) else b""
    return body
