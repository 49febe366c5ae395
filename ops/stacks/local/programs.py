"""The programs of a local stack: its services as the Compose file describes them, each started with its settings."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import quote

from ops.errors import StackNotReady
from ops.faults.proxy.addresses import SECRET, Address, LinkPlan, arguments
from ops.gateway.nginx import Nginx
from ops.progress import Progress
from ops.stacks import probes, processes, readiness
from ops.stacks.layout import Layout
from ops.stacks.local import relinking
from ops.stacks.state import Member, State
from ops.system import HARNESS, HEALTHY, HOST, Link, Service, System
from ops.system.programs import environment

PROXY = "ops.faults.proxy"
PROXY_LOG = "faults.log"


class Programs:
    """Starts those of the stack in `layout`; its caller saves the state, which then names their processes."""

    def __init__(self, layout: Layout, inherited: Mapping[str, str], system: System) -> None:
        self._layout = layout
        self._system = system
        self._environment = {**inherited, **environment(system.root), processes.MARK: str(layout.directory.resolve())}

    def start(self, state: State, nginx: Nginx) -> list[readiness.Check]:
        """All of them; what says that they are ready. Raises StackNotReady."""
        for volume in self._system.volumes:
            (self._layout.data / volume).mkdir(mode=0o700, exist_ok=True)
        self.start_proxy(state)
        return [*self._start_in_turn(state), self._start_gateway(state, nginx)]

    def _start_in_turn(self, state: State) -> list[readiness.Check]:
        """Each service, and each job, when those that it comes after are there. Raises StackNotReady."""
        jobs = {job.name: job for job in self._system.jobs}
        members = {member.name: member for member in state.services()}
        waiting = {**jobs, **{name: self._system.part(name) for name in members}}
        checks: dict[str, readiness.Check] = {}
        while waiting:
            turn = [one for one in waiting.values() if not one.after.keys() & waiting.keys()] or [*waiting.values()]
            healthy = {name for one in turn for name, how in one.after.items() if how == HEALTHY}
            readiness.wait([checks[name] for name in sorted(healthy & checks.keys())], Progress(quiet=True))
            checks |= {one.name: self.start_service(state, members[one.name]) for one in turn if one.name in members}
            self._do_all([one for one in turn if one.name in jobs], state)
            waiting = {name: one for name, one in waiting.items() if one not in turn}
        return [checks[name] for name in members]

    def _do_all(self, jobs: Sequence[Service], state: State) -> None:
        """Side by side."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda job: self._do(job.name, self.command(job, state), self.settings(state, job)), jobs))

    def prepare(self, service: Service) -> None:
        """Run what has to be done before the service starts. Raises StackNotReady."""
        if service.local and service.local.prepare:
            self._do(f"{service.name}-prepare", self._filled(service.local.prepare, service.name, None), {})

    def undo(self, state: State) -> str:
        """Take back what jobs did outside the stack; what is left, empty where nothing is."""
        try:
            for job in self._system.undoing:
                self._do(f"{job.name}-undo", self.command(job, state), self.settings(state, job))
        except StackNotReady as failure:
            return f"{failure}: {''.join(failure.log[-1:])}"
        return ""

    def start_proxy(self, state: State) -> None:
        """The fault proxy, if there is to be one. Raises StackNotReady."""
        if state.control is None:
            return
        plans = [
            self._link_plan(self._system.part(self._system.link(link).peer), link, port, state)
            for link, port in state.links.items()
        ]
        proxy = [sys.executable, "-m", PROXY, *arguments(Address(HOST, state.control), plans)]
        log = self._layout.logs / PROXY_LOG
        own = {**self._environment, "PYTHONPATH": str(HARNESS), SECRET: state.secret}
        _reap(processes.start(proxy, self._layout.directory, log, own))
        relinking.await_ready("fault proxy", lambda: probes.answers(f"http://{HOST}:{state.control}/healthz"), log)

    def _link_plan(self, peer: Service, link: str, port: int, state: State) -> LinkPlan:
        return LinkPlan(link, Address(HOST, port), Address(HOST, state.member(peer.name).port), peer.is_http)

    def start_service(self, state: State, member: Member) -> readiness.Check:
        """One service; what says that it is ready."""
        service = self._system.part(member.name)
        command = [*state.program, service.name] if state.program else self.command(service, state)
        log = self._layout.logs / f"{member.name}.log"
        address = probes.address(HOST, member.port, service.ready)
        return self._check(member, command, log, {**self.settings(state, service), **state.environment}, address)

    def command(self, service: Service, state: State) -> list[str]:
        """What runs the service."""
        local, port = service.local, self._port(service, state)
        if local is None:
            raise StackNotReady(f"{service.name} has no x-ops.local in {self._system.file.name}: it needs a container")
        argv = local.command if local.command is not None else service.command
        return self._filled([*local.entrypoint, *(self._outside(one, service) for one in argv)], service.name, port)

    def settings(self, state: State, service: Service) -> dict[str, str]:
        """Its environment, besides what all have: that of its container, as it is without one."""
        values = {name: self._outside(value, service) for name, value in service.environment.items()}
        for peer, setting in service.calls.items():
            if setting and state.has(peer):
                values[setting] = _at(f"{HOST}:{way(state, Link(service.name, peer))}", peer, values[setting])
        own = service.local.environment if service.local else {}
        port = self._port(service, state)
        return {
            **values,
            **{name: self._filled([value], service.name, port)[0] for name, value in own.items()},
            processes.SERVICE: service.name,
            processes.STOP: str(int(service.stop_signal)),
        }

    def environment(self, state: State, service: Service) -> dict[str, str]:
        """All of its environment."""
        return {**self._environment, **self.settings(state, service), **state.environment}

    def _port(self, service: Service, state: State) -> int | None:
        return state.member(service.name).port if state.has(service.name) else None

    def _outside(self, value: str, service: Service) -> str:
        """With folders of the stack in the place of the volumes that its container has."""
        for folder, volume in sorted(service.volumes.items(), reverse=True):
            own = partial(_written, str(self._layout.data / volume))
            value = re.sub(rf"(?:^|(?<=//)|(?<=[=:\s])){re.escape(folder)}(?=/|$|[\s:,])", own, value)
        return value

    def _filled(self, texts: Sequence[str], service: str, port: int | None) -> list[str]:
        known = {"service": service, "host": HOST, "port": str(port or ""), "data": str(self._layout.data)}
        known |= {"directory": str(self._layout.directory), "server": str(self._layout.server)}
        return [re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], found[0]), text) for text in texts]

    def _do(self, name: str, command: Sequence[str], settings: Mapping[str, str]) -> None:
        log = self._layout.logs / f"{name}.log"
        own = {**self._environment, **settings, processes.SERVICE: name}
        done = processes.start(command, self._system.root, log, own).wait()
        if done:
            raise StackNotReady(f"{name} ended with {done}", readiness.tail(log))

    def _start_gateway(self, state: State, nginx: Nginx) -> readiness.Check:
        command, gateway = nginx.command(self._layout.gateway), self._system.gateway
        address = probes.address(HOST, state.gateway.port, gateway.ready)
        return self._check(state.gateway, command, self._layout.logs / "nginx.log", {}, address)

    def _check(
        self, member: Member, arguments: Sequence[str], log: Path, settings: Mapping[str, str], address: str
    ) -> readiness.Check:
        folder = self._system.root if settings else self._layout.directory
        process = processes.start(arguments, folder, log, {**self._environment, **settings})
        _reap(process)
        member.pid, member.ready_ms = process.pid, None
        return readiness.Check(member.name, address, frozenset({200}), lambda: process.poll() is None, log)


def way(state: State, link: Link) -> int:
    """The port at which the caller finds its peer: that of the link in the fault proxy, else the peer's own."""
    return state.links.get(str(link), state.member(link.peer).port)


def _written(path: str, place: re.Match[str]) -> str:
    """The path as it is written there: in the query of a URL, percent-encoded."""
    return quote(path) if re.search(r"://\S*\?\S*$", place.string[: place.start()]) else path


def _at(address: str, peer: str, value: str) -> str:
    """`value` with the host that is the peer, and its port where there is one, replaced by `address`."""
    return re.sub(
        rf"(^(?!\w+://)|//(?![^/]*@)|@){re.escape(peer)}(?::\d+)?(?![\w.-])", rf"\g<1>{address}", value, count=1
    )


def _reap(process: subprocess.Popen[bytes]) -> None:
    """It does not stay a zombie when it ends while we live."""
    threading.Thread(target=process.wait, daemon=True).start()
