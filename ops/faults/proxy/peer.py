"""The peer of a link as its caller finds it: the addresses that its name has, and which of them take connections."""

import asyncio
import contextlib
import socket
import struct
import time
from pathlib import Path
from typing import Final

from ops.faults.proxy.addresses import Address
from ops.faults.proxy.connection import Channel, OnEnd, connect
from ops.faults.proxy.firewall import MARK, Firewall
from ops.faults.proxy.upstream_health import UpstreamHealth

NOBODY: Final[tuple[list[str], list[str]]] = ([], [])
"""No address is known yet."""

_PAUSE: Final = 0.1
_PATIENCE: Final = 0.5
_GRACE: Final = 1.2
"""Seconds that connections from before get to end by themselves; a gateway of ours keeps one for a second."""

_ESTABLISHED: Final = "01"
_ORIGINAL_DESTINATION: Final = 80
"""SO_ORIGINAL_DST of Linux, the same number for IPv4 and IPv6."""


class Peer:
    """Keeps the link's addresses in the firewall up to date; the caller asks the same DNS.

    A recreated peer has another address, and a service of several replicas several. An address that refuses connections
    is refused to the caller too: the proxy would take them, and the caller would not try the next one.
    """

    refused = False
    can_cut = True

    def __init__(self, name: str, host: str, port: int, firewall: Firewall) -> None:
        self._name, self._host, self._port = name, host, port
        self._firewall = firewall
        self.front: Address | None = Address(host, port)
        self._watches: dict[str, UpstreamHealth] = {}
        self._told = NOBODY
        self._resolving = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, listening: int) -> None:
        """Return when new connections to the peer come to that local port."""
        self._firewall.add_link(self._name, self._port, listening)
        await self.look()
        await self._end_kept()
        self._tasks = [asyncio.get_running_loop().create_task(self._go_on())]

    async def look(self) -> None:
        """Ask for the addresses, and try each."""
        await self._resolve()
        await asyncio.gather(*(watch.look() for watch in list(self._watches.values())))

    async def connect(self, client: Channel, on_end: OnEnd) -> Channel:
        """A connection to where the client was going. Raises OSError."""
        target = _original_destination(client.writer.get_extra_info("socket"))
        try:
            return await connect(target, on_end, mark=MARK)
        except OSError:
            if health := self._watches.get(target.host):
                await health.refuse()
            raise

    def set_cut(self, is_cut: bool) -> None:
        """Whether all packets between caller and peer vanish."""
        self._firewall.cut(self._name, self._port, is_cut)

    async def passes(self) -> bool:
        """Whether a connection to each address comes about."""
        reached = await asyncio.gather(*(_is_reached(Address(host, self._port)) for host in list(self._watches)))
        return bool(reached) and all(reached)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for watch in self._watches.values():
            watch.close()

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE)
            with contextlib.suppress(OSError):
                await self._resolve()

    async def _end_kept(self) -> None:
        """Connections from before go past the proxy: they end by themselves, or when they are used after a while."""
        deadline = time.monotonic() + _GRACE
        before = _connections(self._port)
        while before & _connections(self._port) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        self._firewall.end_kept(self._name, self._port)

    async def _resolve(self) -> None:
        """A name that is not known now belongs to a peer that is away: its last addresses stay.

        A new address refuses until it was seen to take a connection, so that none is made past the proxy meanwhile.
        """
        async with self._resolving:
            hosts = await self._addresses(_PATIENCE) or self._watches.keys()
            for host in self._watches.keys() - hosts:
                self._watches.pop(host).close()
            new = {host: self._health(host) for host in hosts - self._watches.keys()}
            self._watches |= new
            if self._told != NOBODY:
                await self._tell()
            await asyncio.gather(*(health.begin() for health in new.values()))
            await self._tell()

    def _health(self, host: str) -> UpstreamHealth:
        async def is_known() -> bool:
            return host in await self._addresses()

        health = UpstreamHealth(Address(host, self._port), self._tell, MARK, is_known)
        health.refused = self._told != NOBODY
        return health

    async def _addresses(self, within: float | None = None) -> set[str]:
        """Those that the name has now. An engine knows its own names at once; for others it asks elsewhere."""
        try:
            async with asyncio.timeout(within):
                found = await asyncio.get_running_loop().getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except OSError:
            return set()
        return {str(one[4][0]) for one in found}

    async def _tell(self) -> None:
        refused = sorted(host for host, watch in self._watches.items() if watch.refused)
        told = (sorted(self._watches), refused)
        if told != self._told:
            self._firewall.set_addresses(self._name, *told)
            self._told = told


def _original_destination(accepted: socket.socket) -> Address:
    """Where a redirected connection was going."""
    if accepted.family == socket.AF_INET6:
        answer = accepted.getsockopt(socket.IPPROTO_IPV6, _ORIGINAL_DESTINATION, 28)
        return Address(socket.inet_ntop(socket.AF_INET6, answer[8:24]), struct.unpack_from("!H", answer, 2)[0])
    answer = accepted.getsockopt(socket.SOL_IP, _ORIGINAL_DESTINATION, 16)
    return Address(socket.inet_ntop(socket.AF_INET, answer[4:8]), struct.unpack_from("!H", answer, 2)[0])


def _connections(port: int) -> set[str]:
    """The sockets of this namespace that are connected to such a port of a peer, by their inodes; not our own."""
    ours = set()
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            ours.add(str(file.readlink()))
    found = set()
    for file in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for fields in map(str.split, file.read_text().splitlines()[1:] if file.exists() else ()):
            if fields[3] == _ESTABLISHED and int(fields[2].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found - ours


async def _is_reached(target: Address) -> bool:
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            (await connect(target, lambda _: None, mark=MARK)).close()
            return True
    return False
