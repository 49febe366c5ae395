"""The fault proxy: `python -m ops.faults.proxy --control HOST:PORT --link NAME=LISTEN=TARGET …`.

One process holds several links. Once it listens it prints one JSON line with the addresses; SIGTERM ends it at once,
exit 0.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import h11

from ops.faults.addresses import Address, LinkPlan
from ops.faults.attempts import utc_now
from ops.faults.channels import Channel
from ops.faults.control import Answer, Control
from ops.faults.framing import Frame, request_frame
from ops.faults.switchboard import Switchboard

_PATIENCE: Final = 5.0
_LARGEST: Final = 65_536
_LOOKUPS: Final = 4
"""Names that are looked up at the same time, each by a thread; its container may have 16."""


async def run(control: Address, plans: Sequence[LinkPlan]) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when an address cannot be listened on."""
    stop = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_LOOKUPS))
    switchboard = Switchboard(plans)
    with contextlib.closing(switchboard):
        await switchboard.open()
        server = await asyncio.start_server(partial(_serve_control, Control(switchboard)), control.host, control.port)
        with contextlib.closing(server):
            _say_listening(Address(control.host, server.sockets[0].getsockname()[1]), switchboard.plans)
            await stop.wait()


async def _serve_control(control: Control, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    channel = Channel(reader, writer)
    with contextlib.suppress(OSError, TimeoutError), contextlib.closing(channel):
        async with asyncio.timeout(_PATIENCE):
            request, received = await _read(channel)
        status, answer = await _ask(control, request, received)
        body = json.dumps(answer).encode()
        head = (
            f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close"
        )
        await channel.send(head.encode() + b"\r\n\r\n" + body)


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


def _say_listening(control: Address, plans: Sequence[LinkPlan]) -> None:
    links = [{"link": plan.name, "listen": str(plan.listen), "target": str(plan.target)} for plan in plans]
    line = {
        "ts": utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": "info",
        "event": "listening",
        "service": "fault-proxy",
        "control": str(control),
        "links": links,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m ops.faults.proxy", description="HTTP faults on links between services"
    )
    parser.add_argument("--control", type=Address.parse, required=True, metavar="HOST:PORT")
    parser.add_argument("--link", type=LinkPlan.parse, action="append", required=True, metavar="NAME=LISTEN=TARGET")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(run(options.control, options.link))
    except OSError as refused:
        sys.stderr.write(f"fault proxy: {refused}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
