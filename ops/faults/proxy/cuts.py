"""Faults that break the connection, or leave it dead."""

import contextlib
from dataclasses import dataclass
from typing import ClassVar, Final

from ops.faults.proxy.exchange import Exchange
from ops.faults.proxy.kind import Kind, setting
from ops.faults.proxy.settings import Settings
from ops.faults.proxy.stats import Hit

_LARGEST: Final = 1_073_741_824


@dataclass(frozen=True)
class Reset(Kind):
    """A TCP reset instead of an answer: `before` the service is asked, or `after` it has answered."""

    name: ClassVar[str] = "reset"
    when: str = setting(Settings.choice, ("before", "after"), default="before")

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        if self.when == "before" or await exchange.ask() is not None:
            exchange.client.reset()
            hit.confirm()


class Blackhole(Kind):
    """Nothing ever comes back and the service is not asked, until the fault ends or the client leaves."""

    name: ClassVar[str] = "blackhole"

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        hit.confirm()
        await exchange.swallow(hit.over)
        exchange.client.reset()


@dataclass(frozen=True)
class Truncated(Kind):
    """The real answer ends `after` bytes of its body, and the connection with it; the head promises all of it.

    A body that is no longer than that arrives whole, which is no effect.
    """

    name: ClassVar[str] = "truncated"
    after: int = setting(Settings.whole, 0, _LARGEST, default=1)

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        left = self.after

        async def deliver(head: bytes, body: bytes) -> None:
            nonlocal left
            await exchange.client.send(head + body[:left])
            if len(body) > left:
                hit.confirm()
                raise _Enough
            left -= len(body)

        with contextlib.suppress(_Enough):
            await exchange.pass_on(deliver)


class Down(Kind):
    """Connections are refused, as by a process that is gone.

    That is so when the fault is for the whole link, every time: the link stops listening and its connections are reset.
    Limited to some requests, paths or times, the link must listen to tell them, so each of them is reset at once.
    """

    name: ClassVar[str] = "down"

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        await Reset("before").play(exchange, hit)


class Cut(Kind):
    """All packets between caller and peer vanish, as in a partition: nobody refuses anything.

    It is for the whole link, every time, and needs a firewall.
    """

    name: ClassVar[str] = "cut"

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        await Blackhole().play(exchange, hit)


class _Enough(Exception):
    """The rest of the answer is not wanted."""
