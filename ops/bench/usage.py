"""What the services of a stack take of the machine: CPU time, memory and descriptors of each one's processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psutil

from ops.errors import StackNotReady
from ops.stacks.model import ServiceStatus, StackStatus


@dataclass(frozen=True)
class Usage:
    """By service: `cpu` in seconds since its processes began, `memory` in bytes (resident), open file descriptors.

    Of processes of another user the system does not say how many descriptors they have: 0.
    """

    cpu: Mapping[str, float]
    memory: Mapping[str, int]
    descriptors: Mapping[str, int]

    def since(self, before: Usage) -> dict[str, float]:
        """CPU seconds by service from then to now."""
        return {service: max(0.0, seconds - before.cpu.get(service, 0.0)) for service, seconds in self.cpu.items()}


def usage(status: StackStatus) -> Usage:
    """Of every service with all processes below it, and all its replicas. Raises StackNotReady when one has ended.

    The processes of containers are seen too, as the engine's machine is this one.
    """
    cpu: dict[str, float] = {}
    memory: dict[str, int] = {}
    descriptors: dict[str, int] = {}
    for service in status.services:
        for process in _processes(service):
            used, resident, opened = _of(process)
            cpu[service.name] = cpu.get(service.name, 0.0) + used
            memory[service.name] = memory.get(service.name, 0) + resident
            descriptors[service.name] = descriptors.get(service.name, 0) + opened
    return Usage(cpu, memory, descriptors)


def _processes(service: ServiceStatus) -> Iterator[psutil.Process]:
    if service.state == "running" and service.pid is None:
        raise StackNotReady(
            f"{service.part} runs {service.container}: bench measures the processes of this machine alone"
        )
    try:
        first = psutil.Process(service.pid if service.pid else -1)
        yield first
        yield from first.children(recursive=True)
    except (psutil.NoSuchProcess, ValueError):
        raise StackNotReady(f"{service.part} does not run") from None


def _of(process: psutil.Process) -> tuple[float, int, int]:
    """A child that has just ended took nothing any more."""
    try:
        with process.oneshot():
            times = process.cpu_times()
            return times.user + times.system, process.memory_info().rss, _descriptors(process)
    except psutil.NoSuchProcess:
        return 0.0, 0, 0


def _descriptors(process: psutil.Process) -> int:
    try:
        return process.num_fds()
    except psutil.AccessDenied:
        return 0
