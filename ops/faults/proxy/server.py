"""All links of one proxy, and the faults put on them and taken off."""

import asyncio
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ops.faults.catalogue import KINDS
from ops.faults.proxy.addresses import LinkPlan
from ops.faults.proxy.attempts import Attempts, Filter
from ops.faults.proxy.cuts import Cut
from ops.faults.proxy.fault_table import Fault, FaultTable
from ops.faults.proxy.kind import Kind
from ops.faults.proxy.link import Link, Target
from ops.faults.proxy.stalls import BEAT, Stalls
from ops.faults.proxy.stats import Tally


class Server:
    """Needs a running event loop: a fault whose author never takes it off ends by itself."""

    def __init__(self, plans: Iterable[LinkPlan], targets: Mapping[str, Target] = MappingProxyType({})) -> None:
        """`targets` are where links lead that do not lead to one address."""
        self.attempts = Attempts()
        self._table = FaultTable()
        self._links = [Link(plan, self._table, self.attempts, targets.get(plan.name)) for plan in plans]
        self._alarms: dict[str, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[Fault | None]] = set()
        self.stalls = Stalls()
        self._beating: asyncio.TimerHandle | None = None

    @property
    def plans(self) -> list[LinkPlan]:
        """The links with the addresses that they got."""
        return [link.plan for link in self._links]

    def in_force(self) -> list[Fault]:
        return self._table.in_force()

    def described(self, fault: Fault) -> dict[str, object]:
        """As the control address shows it."""
        return fault.as_json(self._table.clock())

    async def open(self) -> None:
        """Listen on every link whose target does. Raises OSError."""
        self._beat()
        for link in self._links:
            await link.open()

    async def look(self) -> None:
        """Return when every link does as its target does now. Raises OSError."""
        await asyncio.gather(*(link.look() for link in self._links))

    async def ask(self, link: str, request_id: str, within: float) -> None:
        """Send a request of our own over a link."""
        for one in self._links_of(Filter(link)):
            await one.ask(request_id, within)

    def close(self) -> None:
        """End every link and what is under way on it."""
        for alarm in (*self._alarms.values(), self._beating):
            if alarm:
                alarm.cancel()
        for link in self._links:
            link.close()

    async def add(
        self,
        wanted: Filter,
        kind: Kind,
        times: int | None,
        seconds: float,
        fault_id: str | None = None,
        tally: Tally | None = None,
    ) -> Fault:
        """The new fault, in force; it may go on with the `tally` of another one like it.

        Raises ValueError when there are too many, or the link cannot have it.
        """
        self._require_possible(wanted, kind, times)
        since = self.attempts.last
        fault = self._table.add(wanted, kind, times=times, since=since, seconds=seconds, fault_id=fault_id)
        fault.tally = tally or fault.tally
        self._alarms[fault.id] = asyncio.get_running_loop().call_later(seconds, self._end, fault.id)
        if fault.takes_link:
            await self._settle()
            shows = await self._shows(fault)
            fault.tally.fired, fault.tally.took, fault.tally.missed = 1, int(shows), int(not shows)
        return fault

    async def remove(self, fault_id: str) -> Fault | None:
        """The fault as it was, or None if there is none of this ID (any more). Raises OSError."""
        fault = self._table.get(fault_id)
        if alarm := self._alarms.pop(fault_id, None):
            alarm.cancel()
        if fault and fault.takes_link:
            fault.tally.missed = int(not await self._shows(fault))
        self._table.remove(fault_id)
        await self._settle()
        return fault

    async def clear(self) -> list[Fault]:
        """Remove every fault; returns them as they were. Raises OSError."""
        faults = self.in_force()
        return [removed for fault in faults if (removed := await self.remove(fault.id))]

    def _beat(self) -> None:
        self.stalls.beat()
        self._beating = asyncio.get_running_loop().call_later(BEAT, self._beat)

    def _end(self, fault_id: str) -> None:
        task = asyncio.get_running_loop().create_task(self.remove(fault_id))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _settle(self) -> None:
        for link in self._links:
            await link.settle()

    async def _shows(self, fault: Fault) -> bool:
        return all([await link.shows(fault.kind) for link in self._links_of(fault.wanted)])

    def _require_possible(self, wanted: Filter, kind: Kind, times: int | None) -> None:
        for link in self._links_of(wanted):
            if KINDS[kind.name].http and not link.plan.is_http:
                raise ValueError(f"{kind.name} needs HTTP, which {link.plan.name} does not carry")
            if not link.plan.is_http and wanted != Filter(wanted.link):
                raise ValueError(f"{link.plan.name} carries no HTTP: what passes there has no request ID and no path")
            if isinstance(kind, Cut) and not link.can_cut:
                raise ValueError("cut needs a stack of containers: here there is no network between two services")
        if isinstance(kind, Cut) and (times is not None or wanted != Filter(wanted.link)):
            raise ValueError("cut is for the whole link, every time")

    def _links_of(self, wanted: Filter) -> list[Link]:
        return [link for link in self._links if link.plan.name == wanted.link]
