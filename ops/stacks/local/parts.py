"""The services of a local stack as parts that can be broken: processes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Sequence

import psutil

from ops.errors import StackNotReady, WrongUsage
from ops.eventually import eventually
from ops.faults.errors import NotProven
from ops.stacks import probes, processes, readiness, usage
from ops.stacks.layout import Layout
from ops.stacks.parts import Observation, Part
from ops.stacks.state import Member
from ops.stacks.usage import Usage
from ops.system import HOST, current
from ops.trace.logs import parsed

AT_ONCE = 5.0
"""Seconds that a signal may take to show."""


class LocalParts:
    """`members` are those of the state as it is now; `launch` starts one again and writes its process down."""

    def __init__(
        self, layout: Layout, members: Callable[[], Sequence[Member]], launch: Callable[[Part], object]
    ) -> None:
        self._layout = layout
        self._directory = layout.directory
        self._members = members
        self._launch = launch

    def all(self) -> Sequence[Part]:
        """Each replica of each service."""
        return [member.part for member in self._members()]

    def see(self, part: Part) -> Observation:
        """Its process."""
        if (pid := self._pid(part)) is None:
            return Observation("stopped")
        return Observation("paused" if processes.is_paused(pid) else "running", str(pid), str(pid))

    def usage(self, part: Part) -> Usage:
        """Its process's."""
        with contextlib.suppress(psutil.NoSuchProcess):
            if (pid := self._pid(part)) is not None:
                return usage.of_process(pid)
        raise StackNotReady(f"{part} does not run")

    def answers(self, part: Part) -> bool:
        """Asked at its own address."""
        return probes.answers(self._address(part))

    def last_lines(self, part: Part) -> list[str]:
        """Of its log file."""
        return readiness.tail(self._layout.log(part))

    def stop(self, part: Part) -> None:
        """By the signal that it wants for that: it drains."""
        self._signal(part, current().part(part.service).stop_signal)
        self._await(part, "stopped", processes.GRACE)
        self._await_refusal(part)

    def kill(self, part: Part) -> None:
        """SIGKILL. Raises NotProven if it ended otherwise: what may clean up says so in its last line."""
        children = self._signal_all(part, signal.SIGKILL)
        self._await(part, "stopped")
        processes.await_ends(children, AT_ONCE)
        self._await_refusal(part)
        if any(map(_is_farewell, self.last_lines(part)[-1:])):
            raise NotProven(f"{part} was killed, but it drained, as it does when it is asked to end")

    def pause(self, part: Part) -> None:
        """SIGSTOP."""
        self._signal_all(part, signal.SIGSTOP)
        self._await(part, "paused")

    def resume(self, part: Part) -> None:
        """SIGCONT."""
        self._signal_all(part, signal.SIGCONT)
        self._await(part, "running")

    def start(self, part: Part) -> None:
        """On the port that it had."""
        self._launch(part)

    def recreate(self, part: Part) -> Part:
        """Raises WrongUsage: a process has no body of its own that could be replaced."""
        raise WrongUsage("a local stack has no containers to recreate; there is `restarted`")

    def _member(self, part: Part) -> Member:
        for one in self._members():
            if one.part == part:
                return one
        raise StackNotReady(f"{part} is not there any more")

    def _pid(self, part: Part) -> int | None:
        """Of its process while that lives."""
        pid = self._member(part).pid
        return pid if processes.is_alive(pid, self._directory) else None

    def _signal_all(self, part: Part, number: signal.Signals) -> Sequence[psutil.Process]:
        """Its process and the children of it, which are given back: all that a container has."""
        children: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            if (pid := self._pid(part)) is not None:
                children = psutil.Process(pid).children(recursive=True)
        self._signal(part, number)
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.send_signal(number)
        return children

    def _signal(self, part: Part, number: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            if (pid := self._pid(part)) is not None:
                psutil.Process(pid).send_signal(number)

    def _await(self, part: Part, state: str, within: float = AT_ONCE) -> None:
        """What does not come is seen by who looks."""
        eventually(lambda: self.see(part).state == state, within, every=0.01)

    def _await_refusal(self, part: Part) -> None:
        """A process that ends keeps its sockets until the last of its threads has ended."""
        eventually(lambda: not probes.takes_connections(self._address(part)), AT_ONCE, every=0.01)

    def _address(self, part: Part) -> str:
        return probes.address(HOST, self._member(part).port, current().part(part.service).ready)


def _is_farewell(line: str) -> bool:
    said = parsed(line.encode(), "")
    return current().farewell is not None and said is not None and said["event"] == current().farewell
