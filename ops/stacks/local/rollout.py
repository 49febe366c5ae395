"""A new version of a service as processes: each takes the port of the one before it, which has ended."""

from __future__ import annotations

from collections.abc import Callable

from ops.progress import Progress
from ops.stacks import ports, processes, readiness
from ops.stacks.local.parts import LocalParts
from ops.stacks.local.programs import Programs
from ops.stacks.parts import Part
from ops.stacks.state import Member, State
from ops.system import HOST, Service


class LocalRollout:
    """Of `service` in the stack that has that state; `save` writes it down, with the processes that there are then."""

    def __init__(
        self,
        service: Service,
        programs: Programs,
        parts: LocalParts,
        state: State,
        save: Callable[[], None],
        progress: Progress,
    ) -> None:
        self._service = service
        self._programs = programs
        self._parts = parts
        self._state = state
        self._save = save
        self._progress = progress

    def prepare(self) -> None:
        """Its jobs run; then it is tried beside the others, unless it is `single`. Raises StackNotReady."""
        self._programs.do_jobs(self._service, self._state)
        if not self._service.single:
            self._try()

    def replace(self, part: Part) -> None:
        """It drains first. Raises StackNotReady."""
        self._parts.stop(part)
        member = next(one for one in self._state.members if (one.name, one.replica) == (part.service, part.replica))
        check = self._programs.start_service(self._state, member)
        self._save()
        readiness.wait([check], self._progress)
        member.ready_ms = check.ready_ms
        self._save()

    def put_back(self) -> None:
        """Nothing can be: the code of the old ones is no longer in the tree."""

    def finish(self) -> None:
        """Nothing is left of the old ones."""

    def _try(self) -> None:
        """Nobody asks it but we."""
        trial = Member(name=self._service.name, port=ports.free(1)[0])
        self._progress.say(f"{trial.name} is tried at {HOST}:{trial.port}, beside the version before", "dim")
        check = self._programs.start_service(self._state, trial)
        try:
            readiness.wait([check], self._progress)
        finally:
            processes.end([one for one in processes.of(self._parts.directory) if one.pid == trial.pid])
