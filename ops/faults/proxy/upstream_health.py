"""Whether a target takes connections, so that the link before it can do as it does."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from ops.faults.proxy.addresses import Address
from ops.faults.proxy.connection import Channel, OnEnd, connect

_PAUSE: Final = 0.05
_PATIENCE: Final = 0.5


class UpstreamHealth:
    """Keeps one idle connection to the target: its end tells at once that the target may be gone, and it is tried anew.

    `refused` is True while the target cannot be reached: it refuses, or its name is not known. One that takes the
    connection or does not answer at all is not refused. A target that keeps the connection but takes no new ones is
    noticed by who is refused, and tells by `doubt`.
    `looked` is awaited after each try; when it raises OSError, the target is tried again. One that does not
    answer and is not known any more (`is_known`) is gone.
    """

    def __init__(
        self,
        target: Address,
        looked: Callable[[], Awaitable[None]],
        mark: int | None = None,
        is_known: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self.refused = False
        self._is_known = is_known
        self._target = target
        self._mark = mark
        self._looked = looked
        self._looking = asyncio.Lock()
        self._ended = asyncio.Event()
        self._channel: Channel | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    front: Address | None = None
    can_cut = False
    """Without a firewall, nothing can be kept from arriving."""

    async def begin(self, _: int = 0) -> None:
        """Return when the target was tried for the first time. It is tried on, also if that was cut short."""
        try:
            await self.look()
        finally:
            if not self._is_closed:
                self._task = asyncio.get_running_loop().create_task(self._go_on())

    async def look(self) -> None:
        """Try the target, and tell."""
        async with self._looking:
            self._hang_up()
            ended = self._ended = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                self.refused = not await self._reach(lambda _: ended.set())
            await self._looked()

    async def connect(self, _: Channel, on_end: OnEnd) -> Channel:
        """A connection to the target. Raises OSError."""
        try:
            return await connect(self._target, on_end, self._mark)
        except OSError:
            self.doubt()
            raise

    async def passes(self) -> bool:
        """Whether it takes connections."""
        return not self.refused

    def set_cut(self, is_cut: bool) -> None:
        """Nothing to undo where nothing is cut."""

    async def refuse(self) -> None:
        """It was just seen to take no connection; it is tried anew."""
        self.refused = True
        await self._looked()
        self.doubt()

    def doubt(self) -> None:
        """Try the target anew."""
        self._ended.set()

    def close(self) -> None:
        self._is_closed = True
        if self._task:
            self._task.cancel()
        self._hang_up()

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE)
            if self._channel:
                await self._ended.wait()
            try:
                await self.look()
            except OSError:
                self.doubt()

    async def _reach(self, on_end: Callable[[bool], None]) -> bool:
        """Raises TimeoutError when nothing can be said."""
        try:
            async with asyncio.timeout(_PATIENCE):
                self._channel = await connect(self._target, on_end, self._mark)
        except TimeoutError:
            if self._is_known and not await self._is_known():
                return False
            raise
        except OSError:
            return False
        return True

    def _hang_up(self) -> None:
        if self._channel:
            self._channel.close()
        self._channel = None
