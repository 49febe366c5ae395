"""The local stack: the services as processes, the machine's own nginx as the gateway."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from ops.checks import CheckResult, run_gateway
from ops.errors import CleanupFailed, StackNotReady, WrongUsage
from ops.faults.proxy.control_client import ControlClient
from ops.gateway import package
from ops.gateway.nginx import Nginx
from ops.gateway.rendering import render
from ops.progress import Progress
from ops.provision import postgresql
from ops.stacks import evidence, ports, probes, processes, readiness
from ops.stacks.base import BaseStack
from ops.stacks.layout import Layout
from ops.stacks.local import KIND, programs
from ops.stacks.local.parts import LocalParts
from ops.stacks.local.programs import Programs
from ops.stacks.local.rollout import LocalRollout
from ops.stacks.model import ServiceStatus, StackStatus, UpOptions, overall_state
from ops.stacks.parts import Part
from ops.stacks.state import Member, State
from ops.system import HOST, Link, Service, System, current

RELOADED_WITHIN = 15.0
"""Seconds that nginx's old workers have to end."""


class LocalStack(BaseStack):
    """One local stack. Its methods that change it are to be called while its layout is held."""

    kind = KIND
    ABILITIES = BaseStack.ABILITIES | {"caller-addresses"}

    def __init__(self, layout: Layout, environment: Mapping[str, str], system: System | None = None) -> None:
        super().__init__(layout, environment, system or current())
        self._programs = Programs(layout, self.system)

    # -- up ------------------------------------------------------------------------------------------------------

    def up(self, up_options: UpOptions, progress: Progress) -> StackStatus:
        """Bring it up and return when it is ready; one that is ready already stays as it is.

        What an earlier call left behind is ended first; its data stays. Raises ConfigurationInvalid when nginx refuses
        its configuration, StackNotReady when a service does not come up.
        """
        self.layout.make()
        self._write_server(up_options.server)
        if self._is_as_asked(up_options):
            return self.status()
        try:
            return self._bring_up(up_options, progress)
        except StackNotReady as failure:
            if not _lost_a_port(failure):
                raise
            progress.say("another program took one of the ports just now: trying others", "skip")
            return self._bring_up(up_options, progress)

    def _bring_up(self, up_options: UpOptions, progress: Progress) -> StackStatus:
        processes.end(processes.of(self.layout.directory))
        state = self._plan(up_options)
        state.save(self.layout.state)
        for one in self.system.services:
            if not one.local:
                progress.say(f"{one.name} is left out: it has no x-ops.local in {self.system.file.name}", "skip")
        nginx = package.provide(progress)
        if any(one.local and one.local.package for one in self.system.services):
            postgresql.provide(progress)
        self._render_gateway(state, nginx)
        checks = self._programs.start(state, nginx)
        state.save(self.layout.state)
        self._await_ready(state, checks, progress)
        return self.status().required_ready()

    def _is_as_asked(self, up_options: UpOptions) -> bool:
        state = self.state
        if state is None or self.status().state != "ready":
            return False
        is_same = state.program == list(up_options.program) and state.goes(self._own(up_options.links))
        return (
            is_same and up_options.port in (None, 0, state.gateway.port) and up_options.replicas(state) == state.scale
        )

    def _plan(self, up_options: UpOptions) -> State:
        before = self.state
        scale = up_options.replicas(before)
        names = [one.name for one in self.system.services if one.local]
        parts = [Part(name, number) for name in names for number in range(1, scale.get(name, 1) + 1)]
        first, *rest = ports.free(len(parts) + 1)
        front = ports.choose(up_options.port, (before.gateway.port if before else ports.PREFERRED), first)
        services = [Member(name=part.service, replica=part.replica, port=rest.pop()) for part in parts]
        state = State(
            url=f"http://{HOST}:{front}",
            database=self.system.database,
            members=[*services, Member(name=self.system.gateway.name, port=front)],
            ephemeral=up_options.ephemeral,
            environment=dict(up_options.environment),
            program=list(up_options.program),
        )
        return state.model_copy(update=_linked(self._own(up_options.links), state))

    def _own(self, links: Sequence[Link]) -> list[Link]:
        """Those of the links whose two ends run here."""
        here = {one.name for one in self.system.parts if one.local}
        return [link for link in links if {link.caller, link.peer} <= here]

    def _render_gateway(self, state: State, nginx: Nginx) -> None:
        gateway = self.system.gateway
        if absent := next((peer for peer in gateway.calls if not state.has(peer)), None):
            why = f"{absent}, which has no x-ops.local in {self.system.file.name}"
            raise StackNotReady(f"{gateway.name} calls {why}: without containers it leads nowhere")
        upstreams = {peer: programs.ways(state, Link(gateway.name, peer)) for peer in gateway.calls}
        render(self.layout.gateway, gateway, listen=f"{HOST}:{state.gateway.port}", upstreams=upstreams)
        self._programs.prepare(gateway)
        nginx.test(self.layout.gateway)

    def _await_ready(self, state: State, checks: Sequence[readiness.Check], progress: Progress) -> None:
        readiness.wait(checks, progress)
        ready = {check.name: check.ready_ms for check in checks}
        for member in state.members:
            member.ready_ms = ready[str(member.part)]
        state.save(self.layout.state)
        log = self.layout.gateway / "logs" / "error.log"
        through = [
            readiness.Check(f"gateway {one.path}", state.url + one.path, frozenset({one.status}), lambda: True, log)
            for one in (service.route for service in self._services(state))
            if one
        ]
        readiness.wait(through, Progress(quiet=True), within=5)

    @property
    def parts(self) -> LocalParts:
        """Its services' processes."""
        return LocalParts(self.layout, self._members, self._launch)

    def _members(self) -> Sequence[Member]:
        state = self.state
        return state.services() if state else []

    def _launch(self, part: Part) -> readiness.Check:
        state = self._written
        check = self._programs.start_service(state, state.member(part.service, part.replica))
        state.save(self.layout.state)
        return check

    def rollout(self, service: str, progress: Progress) -> LocalRollout:
        """Its processes are replaced."""
        part, state = self.system.part(service), self._written
        return LocalRollout(part, self._programs, self.parts, self.layout, state, progress)

    # -- links ---------------------------------------------------------------------------------------------------

    @property
    def link_control(self) -> ControlClient | None:
        """The proxy's control address."""
        state = self.state
        return ControlClient(f"http://{HOST}:{state.control}", state.secret) if state and state.control else None

    def provide_link(self, link: Link, *, stay: bool) -> ControlClient:
        """All links go through the proxy from now on, as another change would end the faults in force."""
        state = self.state
        if state and (state.unfinished or str(link) not in state.links):
            self._require_whole()
            self.relink(self._own(current().links))
        if (control := self.link_control) is None:
            raise StackNotReady(f"stack {self.name} has no fault proxy")
        return control

    def _require_whole(self) -> None:
        seen = [(str(part), self.parts.see(part).state) for part in self.parts.all()]
        if broken := ", ".join(f"{target} is {state}" for target, state in seen if state != "running"):
            raise WrongUsage(
                f"{broken}, and the first fault on a link restarts services: break the link first, "
                f"or restore all with python3 -m ops fault clear --name {self.name}"
            )

    def withdraw_proxy(self) -> None:
        """Unless it came up with one."""
        if self.state and not self.state.ephemeral:
            self.relink([])

    def withdraw_dead_proxy(self) -> None:
        """Tried by asking it."""
        if self.state and self.state.control and not probes.answers(f"http://{HOST}:{self.state.control}/healthz"):
            self.relink([])

    def relink(self, links: Sequence[Link]) -> None:
        """Let exactly these links go through the proxy; a service that finds its peers elsewhere now is restarted.

        The new proxy runs beside the old one until nobody asks that any more.
        """
        before = self._written
        if before.goes(links):
            return
        old = processes.of(self.layout.directory, programs.PROXY)
        begun = before.model_copy(update={"unfinished": True})
        begun.save(self.layout.state)
        state = begun.model_copy(update=_linked(links, begun))
        self._programs.start_proxy(state)
        state.save(self.layout.state)
        nginx = package.provide(Progress(quiet=True))
        self._render_gateway(state, nginx)
        _reload(nginx, self.layout.gateway, state.gateway.pid)
        moved = {one.name for one in self._services(state) if before.unfinished or self._moved(one, before, state)}
        self._restart([member.part for member in state.services() if member.name in moved])
        processes.end(old)
        self._finish()

    def _services(self, state: State) -> Sequence[Service]:
        """Each once, however many replicas it has."""
        return [one for one in self.system.services if state.has(one.name)]

    def _moved(self, service: Service, before: State, after: State) -> bool:
        """Whether its peers are elsewhere now."""
        return self._programs.settings(before, service) != self._programs.settings(after, service)

    def _finish(self) -> None:
        """The state by now: each restart wrote its process down."""
        if state := self.state:
            state.model_copy(update={"unfinished": False}).save(self.layout.state)

    def _restart(self, moved: Sequence[Part]) -> None:
        """All at the same time: they drain, and start, side by side."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(self.parts.stop, moved))
        readiness.wait([self._launch(part) for part in moved], Progress(quiet=True))

    # -- while it runs -------------------------------------------------------------------------------------------

    def status(self) -> StackStatus:
        """Its services as they are now; a service whose process is gone is `stopped`, one never started `absent`."""
        state = self.state
        if state is None:
            absent = tuple(ServiceStatus(name, 1, "absent") for name in (one.name for one in self.system.parts))
            return StackStatus(self.name, KIND, None, "down", None, None, absent)
        services = tuple(self._service_status(member) for member in state.members)
        overall = overall_state(services, lambda: self._all_answer(state))
        return StackStatus(self.name, KIND, state.url, overall, state.database, str(self.layout.directory), services)

    def _service_status(self, member: Member) -> ServiceStatus:
        seen = ServiceStatus(
            member.name, member.replica, "running", member.pid, None, f"{HOST}:{member.port}", member.ready_ms
        )
        if not processes.is_alive(member.pid, self.layout.directory):
            return replace(seen, state="stopped" if member.pid else "absent", pid=None, ready_ms=None)
        return replace(seen, state="paused") if processes.is_paused(member.pid or 0) else seen

    def _all_answer(self, state: State) -> bool:
        ready = [self._address(member) for member in state.services()]
        return all(map(probes.answers, ready)) and probes.ways_answer(state)

    def _address(self, member: Member) -> str:
        return probes.address(HOST, member.port, self.system.part(member.name).ready)

    def log_files(self) -> Sequence[Path]:
        """The logs of the services and the fault proxy, and the gateway's access log."""
        there = [member.part for member in self._members()] or [Part(one.name) for one in self.system.services]
        logs = [self.layout.log(part) for part in there]
        return [*logs, self.layout.logs / programs.PROXY_LOG, self.layout.gateway / "logs" / "access.log"]

    def exec(
        self, service: str, command: Sequence[str], given: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command with the settings of a service, in the folder of the Compose file."""
        state, part = self.state, Part.of(service)
        if state is None or part not in [member.part for member in state.members]:
            raise StackNotReady(f"{service} of {self.name} does not run")
        environment = self._programs.environment(state, state.member(part.service, part.replica))
        return processes.run(command, self.system.root, environment, given)

    def check_gateway(self) -> Sequence[CheckResult]:
        """What nginx, gixy, crossplane and the route table say of its running configuration."""
        return run_gateway(self.layout.gateway, self.system)

    def versions(self) -> Mapping[str, str]:
        """The machine's own nginx."""
        return {"nginx": Nginx.find().version}

    def keep_evidence(self, folder: Path) -> None:
        """Write its logs and the gateway's configuration into `folder`; what it serves is the tree's."""
        evidence.copy(self.layout.logs, folder / "logs")
        evidence.copy(self.layout.gateway, folder / "gateway", "*.conf")
        evidence.copy(self.layout.gateway / "logs", folder / "gateway" / "logs")

    # -- down ----------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End every process of the stack, gracefully where it lets us; data and logs stay."""
        processes.end(processes.of(self.layout.directory))

    def _remove(self, remove: Callable[[], None]) -> None:
        state = self.state
        self.stop()
        left = self._programs.undo(state) if state else ""
        remove()
        if left:
            raise CleanupFailed(left)


def _linked(links: Sequence[Link], state: State) -> dict[str, Any]:
    """The part of a state that says which links go through the proxy."""
    replicas = {str(link): len(state.replicas(link.peer)) for link in links}
    taken = {member.port for member in state.members}
    control, *free = [port for port in ports.free(sum(replicas.values()) + 1 + len(taken)) if port not in taken]
    return {
        "links": {link: [free.pop() for _ in range(count)] for link, count in replicas.items()},
        "control": control if links else None,
        "secret": secrets.token_hex(16),
    }


def _reload(nginx: Nginx, prefix: Path, master: int | None) -> None:
    """Return when no request goes the old way any more: its workers have ended."""
    old: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        old = psutil.Process(master).children() if master else []
    nginx.reload(prefix)
    psutil.wait_procs(old, timeout=RELOADED_WITHIN)


def _lost_a_port(failure: StackNotReady) -> bool:
    return any("in use" in line for line in failure.log)
