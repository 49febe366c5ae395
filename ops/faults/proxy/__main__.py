"""The fault proxy: `python -m ops.faults.proxy --control HOST:PORT --link NAME=LISTEN=[tcp:]TARGET …`.

One process holds several links. Once it listens it prints one JSON line with the addresses; SIGTERM ends it at once,
exit 0.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from ops.faults.proxy.addresses import SECRET, Address, LinkPlan
from ops.faults.proxy.attempts import rfc3339, utc_now
from ops.faults.proxy.control import Control
from ops.faults.proxy.control_server import serve
from ops.faults.proxy.server import Server

_LOOKUPS: Final = 4
"""Names that are looked up at the same time, each by a thread; its container may have 16."""


async def run(control: Address, plans: Sequence[LinkPlan], secret: str) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when an address cannot be listened on."""
    stop = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_LOOKUPS))
    links = Server(plans)
    with contextlib.closing(links):
        await links.open()
        server = await asyncio.start_server(partial(serve, Control(links), secret=secret), control.host, control.port)
        with contextlib.closing(server):
            _say_listening(Address(control.host, server.sockets[0].getsockname()[1]), links.plans)
            await stop.wait()


def _say_listening(control: Address, plans: Sequence[LinkPlan]) -> None:
    links = [{"link": plan.name, "listen": str(plan.listen), "target": str(plan.target)} for plan in plans]
    line = {
        "ts": rfc3339(utc_now()),
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
    parser.add_argument(
        "--link", type=LinkPlan.parse, action="append", required=True, metavar="NAME=LISTEN=[tcp:]TARGET"
    )
    options = parser.parse_args(arguments)
    secret = os.environ.get(SECRET)
    if not secret:
        parser.error(f"{SECRET} is missing: what the control takes its calls by")
    try:
        asyncio.run(run(options.control, options.link, secret))
    except OSError as refused:
        sys.stderr.write(f"fault proxy: {refused}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
