"""A new version of a service as processes: each takes the port of the one before it, which has ended."""

from __future__ import annotations

from dataclasses import dataclass

from ops.progress import Progress
from ops.stacks import ports, processes, readiness
from ops.stacks.layout import Layout
from ops.stacks.local.parts import LocalParts
from ops.stacks.local.programs import Programs
from ops.stacks.model import Rollout
from ops.stacks.parts import Part
from ops.stacks.state import Member, State
from ops.system import HOST, Service


@dataclass(frozen=True)
class LocalRollout(Rollout):
    """Of `service` in the stack of that layout, which is up and has that state.

    Nothing can be put back: the tree has no longer what they ran.
    """

    service: Service
    programs: Programs
    parts: LocalParts
    layout: Layout
    state: State
    progress: Progress

    def prepare(self) -> None:
        """Its jobs run; then it is tried beside the others, unless it is `single`. Raises StackNotReady."""
        for job in self.programs.do_jobs(self.service, self.state):
            self.progress.say(f"{job} is done", "dim")
        if not self.service.single:
            self._try()

    def replace(self, part: Part) -> None:
        """Raises StackNotReady."""
        self.parts.stop(part)
        self.progress.say(f"{part} has ended", "dim")
        member = self.state.member(part.service, part.replica)
        check = self.programs.start_service(self.state, member)
        self.state.save(self.layout.state)
        readiness.wait([check], self.progress)
        member.ready_ms = check.ready_ms
        self.state.save(self.layout.state)

    def _try(self) -> None:
        """Only we ask it."""
        last = max(one.replica for one in self.state.replicas(self.service.name))
        trial = Member(name=self.service.name, replica=last + 1, port=ports.free(1)[0])
        self.progress.say(f"{trial.part} is tried at {HOST}:{trial.port} first", "dim")
        check = self.programs.start_service(self.state, trial)
        try:
            readiness.wait([check], self.progress)
        finally:
            processes.end(one for one in processes.of(self.layout.directory) if one.pid == trial.pid)
