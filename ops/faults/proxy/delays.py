"""Faults that take their time."""

import secrets
from dataclasses import dataclass
from typing import ClassVar, Final

from ops.faults.proxy.exchange import Exchange
from ops.faults.proxy.kind import Kind, setting
from ops.faults.proxy.settings import Settings
from ops.faults.proxy.stats import Hit

LONGEST_MS: Final = 300_000
_LARGEST: Final = 1_048_576


@dataclass(frozen=True)
class Latency(Kind):
    """The service is asked at once, and its answer kept back for `ms` milliseconds, up to `jitter_ms` more or less.

    A client that leaves before was delayed for as long as it was there, which is an effect too.
    """

    name: ClassVar[str] = "latency"
    ms: float = setting(Settings.number, 1, LONGEST_MS)
    jitter_ms: float = setting(Settings.number, 0, LONGEST_MS, default=0)

    def __post_init__(self) -> None:
        if self.jitter_ms > self.ms:
            raise ValueError(f"jitterMs must be a number from 0 to {self.ms:.15g}")

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        begun = False

        async def deliver(head: bytes, body: bytes) -> None:
            nonlocal begun
            if not begun:
                begun = True
                if await hit.hold(self._seconds()):
                    hit.confirm()
            await exchange.client.send(head + body)

        await exchange.pass_on(deliver)

    def _seconds(self) -> float:
        return (self.ms + secrets.SystemRandom().uniform(-self.jitter_ms, self.jitter_ms)) / 1000


@dataclass(frozen=True)
class Drip(Kind):
    """The body of the answer, or `head` and body, comes `size` bytes at a time, each after `interval_ms` milliseconds.

    A client that leaves before the end has had its effect; an answer without a body has nothing that could drip.
    """

    name: ClassVar[str] = "drip"
    size: int = setting(Settings.whole, 1, _LARGEST, default=1)
    interval_ms: float = setting(Settings.number, 1, LONGEST_MS, default=100)
    head: bool = setting(Settings.flag, default=False)

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        async def deliver(head: bytes, body: bytes) -> None:
            if not self.head:
                await exchange.client.send(head)
            await self._drip(exchange, hit, head + body if self.head else body)

        await exchange.pass_on(deliver)
        if exchange.attempt.held_ms and not hit.over.is_set():
            hit.confirm()

    async def _drip(self, exchange: Exchange, hit: Hit, data: bytes) -> None:
        while data and await hit.hold(self.interval_ms / 1000):
            await exchange.client.send(data[: self.size])
            data = data[self.size :]
        await exchange.client.send(data)
