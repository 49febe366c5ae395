"""All links of one proxy, and the faults put on them and taken off."""

import asyncio
from collections.abc import Iterable

from ops.faults.addresses import LinkPlan
from ops.faults.attempts import Attempts, Filter
from ops.faults.book import Book, Fault
from ops.faults.kind import Kind
from ops.faults.links import Link


class Switchboard:
    """Needs a running event loop: a fault whose author never takes it off ends by itself."""

    def __init__(self, plans: Iterable[LinkPlan]) -> None:
        self.attempts = Attempts()
        self._book = Book()
        self._links = [Link(plan, self._book, self.attempts) for plan in plans]
        self._alarms: dict[str, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[Fault | None]] = set()

    @property
    def plans(self) -> list[LinkPlan]:
        """The links with the addresses that they got."""
        return [link.plan for link in self._links]

    def in_force(self) -> list[Fault]:
        return self._book.in_force()

    async def open(self) -> None:
        """Listen on every link whose target does. Raises OSError."""
        for link in self._links:
            await link.open()

    async def look(self) -> None:
        """Return when every link does as its target does now. Raises OSError."""
        for link in self._links:
            await link.look()

    def close(self) -> None:
        """End every link and what is under way on it."""
        for alarm in self._alarms.values():
            alarm.cancel()
        for link in self._links:
            link.close()

    async def add(self, wanted: Filter, kind: Kind, times: int | None, seconds: float) -> Fault:
        """The new fault, in force. Raises ValueError when there are too many."""
        fault = self._book.add(wanted, kind, times=times, since=self.attempts.last, seconds=seconds)
        self._alarms[fault.id] = asyncio.get_running_loop().call_later(seconds, self._end, fault.id)
        if fault.closes_link:
            await self._settle()
            refused = await self._refused(fault)
            fault.tally.fired, fault.tally.took, fault.tally.missed = 1, int(refused), int(not refused)
        return fault

    async def remove(self, fault_id: str) -> Fault | None:
        """The fault as it was, or None if there is none of this ID (any more). Raises OSError."""
        fault = self._book.get(fault_id)
        if alarm := self._alarms.pop(fault_id, None):
            alarm.cancel()
        if fault and fault.closes_link:
            fault.tally.missed = int(not await self._refused(fault))
        self._book.remove(fault_id)
        await self._settle()
        return fault

    async def clear(self) -> list[Fault]:
        """Remove every fault; returns them as they were. Raises OSError."""
        faults = self.in_force()
        return [removed for fault in faults if (removed := await self.remove(fault.id))]

    def _end(self, fault_id: str) -> None:
        task = asyncio.get_running_loop().create_task(self.remove(fault_id))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _settle(self) -> None:
        for link in self._links:
            await link.settle()

    async def _refused(self, fault: Fault) -> bool:
        return all([await link.refuses() for link in self._links if link.plan.name == fault.wanted.link])
