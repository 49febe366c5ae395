"""The fault proxy in the network namespace of a caller: `python -m ops.faults.proxy.namespace [--attached] --link …`.

A container of ours joins the caller's container. What the caller sends to a peer comes here first, by a rule of the
firewall, and goes on to where it was going. The rules end with this process, however that ends. It ends by SIGTERM,
when the caller's network is gone, and if it is `--attached`, when its standard input is closed: with its maker.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from ops.faults.proxy.addresses import LISTENING, TCP, Address, LinkPlan
from ops.faults.proxy.control import Control
from ops.faults.proxy.control_server import serve
from ops.faults.proxy.firewall import Firewall, FirewallRefused
from ops.faults.proxy.peer import Peer
from ops.faults.proxy.relay import CONTROL
from ops.faults.proxy.server import Server

UNSUPPORTED: Final = 4
"""The exit code where the kernel or the engine cannot do it."""

_LOOPBACK: Final = "127.0.0.1"
_LOOK: Final = 0.1
_LAST_ANSWERS: Final = 0.2
"""Seconds in which what goes through the proxy at its end can still be answered."""

_FAREWELL: Final = 5.0
"""Seconds after the caller's end in which the faults can still be asked what they did."""


def parse_link(text: str) -> LinkPlan:
    """`NAME=HOST:PORT`, or `NAME=tcp:HOST:PORT` for what is no HTTP. Raises ValueError."""
    name, _, target = text.partition("=")
    if not (name and target):
        raise ValueError(f"{text!r} is not NAME=[{TCP}]HOST:PORT")
    peer = target.removeprefix(TCP)
    return LinkPlan(name, Address(_LOOPBACK, 0), Address.parse(peer), is_http=peer == target)


async def run(plans: Sequence[LinkPlan], *, attached: bool) -> None:
    """Serve until the end. Raises FirewallRefused, OSError."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.set_default_executor(ThreadPoolExecutor(4))
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, stop.set)
    if attached:
        loop.add_reader(sys.stdin, lambda: None if os.read(sys.stdin.fileno(), 4096) else stop.set())
    firewall = Firewall()
    targets = {
        plan.name: Peer(f"link{number}", plan.target.host, plan.target.port, firewall)
        for number, plan in enumerate(plans)
    }
    server = Server(plans, targets)
    with contextlib.closing(server):
        await server.open()
        async with await asyncio.start_unix_server(partial(serve, Control(server)), CONTROL):
            sys.stdout.write(f"{LISTENING}\n")
            sys.stdout.flush()
            await _end(stop)
            firewall.let_past()
            await asyncio.sleep(_LAST_ANSWERS if stop.is_set() else _FAREWELL)


async def _end(stop: asyncio.Event) -> None:
    """Return when it is to end. A caller that has ended leaves us a namespace with nothing but the loopback."""
    while not stop.is_set() and len(socket.if_nameindex()) > 1:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.faults.proxy.namespace", description=__doc__)
    parser.add_argument("--link", type=parse_link, action="append", required=True, metavar=f"NAME=[{TCP}]HOST:PORT")
    parser.add_argument("--attached", action="store_true", help="end when standard input is closed")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(run(options.link, attached=options.attached))
    except FirewallRefused as refused:
        sys.stderr.write(f"a process cannot own firewall rules here (Linux 5.12 is needed): {refused}\n")
        return UNSUPPORTED
    except OSError as refused:
        sys.stderr.write(f"fault proxy: {refused}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
