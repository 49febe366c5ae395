"""A new version of a service as processes: each takes the port of the one before it, which has ended."""

from __future__ import annotations

from ops.progress import Progress
from ops.stacks import ports, processes, readiness
from ops.stacks.layout import Layout
from ops.stacks.local.parts import LocalParts
from ops.stacks.local.programs import Programs
from ops.stacks.parts import Part
from ops.stacks.state import Member, State
from ops.system import HOST, Service


class LocalRollout:
    """Of `service` in the stack of that layout, which is up and has that state."""

    def __init__(
        self, service: Service, programs: Programs, parts: LocalParts, layout: Layout, state: State, progress: Progress
    ) -> None:
        self._service = service
        self._programs = programs
        self._parts = parts
        self._layout = layout
        self._state = state
        self._progress = progress

    def prepare(self) -> None:
        """Its jobs run; then it is tried beside the others, unless it is `single`. Raises StackNotReady."""
        for job in self._programs.do_jobs(self._service, self._state):
            self._progress.say(f"{job} is done", "dim")
        if not self._service.single:
            self._try()

    def replace(self, part: Part) -> None:
        """Raises StackNotReady."""
        self._parts.stop(part)
        self._progress.say(f"{part} has ended", "dim")
        member = self._state.member(part.service, part.replica)
        check = self._programs.start_service(self._state, member)
        self._state.save(self._layout.state)
        readiness.wait([check], self._progress)
        member.ready_ms = check.ready_ms
        self._state.save(self._layout.state)

    def put_back(self) -> None:
        """Nothing can be: the tree has no longer what they ran."""

    def finish(self) -> None:
        """Nothing is left of them."""

    def _try(self) -> None:
        """Only we ask it."""
        last = max(one.replica for one in self._state.replicas(self._service.name))
        trial = Member(name=self._service.name, replica=last + 1, port=ports.free(1)[0])
        self._progress.say(f"{trial.part} is tried at {HOST}:{trial.port} first", "dim")
        check = self._programs.start_service(self._state, trial)
        try:
            readiness.wait([check], self._progress)
        finally:
            processes.end(one for one in processes.of(self._layout.directory) if one.pid == trial.pid)
