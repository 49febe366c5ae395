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
from ops.stacks.parts import Part
from ops.stacks.state import Member, State
from ops.system import HARNESS, HEALTHY, HOST, Link, Service, System
from ops.system.programs import environment

PROXY = "ops.faults.proxy"
PROXY_LOG = "faults.log"


class Programs:
    """Starts those of the stack in `layout`; its caller saves the state, which then names their processes."""

    def __init__(self, layout: Layout, system: System) -> None:
        self._layout = layout
        self._system = system
        self._environment = {**environment(system.root), processes.MARK: str(layout.directory.resolve())}

    def start(self, state: State, nginx: Nginx) -> list[readiness.Check]:
        """All of them; what says that they are ready. Raises StackNotReady."""
        for volume in self._system.volumes:
            (self._layout.data / volume).mkdir(mode=0o700, exist_ok=True)
        self.start_proxy(state)
        return [*self._start_in_turn(state), self._start_gateway(state, nginx)]

    def _start_in_turn(self, state: State) -> list[readiness.Check]:
        """Each service, and each job, when those that it comes after are there. Raises StackNotReady."""
        jobs = {job.name: job for job in self._system.jobs}
        members = state.services()
        waiting = {**jobs, **{member.name: self._system.part(member.name) for member in members}}
        checks: dict[Part, readiness.Check] = {}
        while waiting:
            turn = [one for one in waiting.values() if not one.after.keys() & waiting.keys()] or [*waiting.values()]
            healthy = {name for one in turn for name, how in one.after.items() if how == HEALTHY}
            readiness.wait([checks[part] for part in checks if part.service in healthy], Progress(quiet=True))
            checks |= {
                one.part: self.start_service(state, one) for one in members if one.name in {own.name for own in turn}
            }
            self._do_all([one for one in turn if one.name in jobs], state)
            waiting = {name: one for name, one in waiting.items() if one not in turn}
        return [checks[member.part] for member in members]

    def do_jobs(self, service: Service, state: State) -> list[str]:
        """Those that it comes after; their names. Raises StackNotReady."""
        jobs = [job for job in self._system.jobs if job.name in service.after]
        self._do_all(jobs, state)
        return [job.name for job in jobs]

    def _do_all(self, jobs: Sequence[Service], state: State) -> None:
        """Side by side."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda job: self._do(job.name, self.command(job, None), self.settings(state, job)), jobs))

    def prepare(self, service: Service) -> None:
        """Run what has to be done before the service starts. Raises StackNotReady."""
        if service.local and service.local.prepare:
            self._do(f"{service.name}-prepare", self._filled(service.local.prepare, service.name, None), {})

    def undo(self, state: State) -> str:
        """Take back what jobs did outside the stack; what is left, empty where nothing is."""
        try:
            for job in self._system.undoing:
                self._do(f"{job.name}-undo", self.command(job, None), self.settings(state, job))
        except StackNotReady as failure:
            return f"{failure}: {''.join(failure.log[-1:])}"
        return ""

    def start_proxy(self, state: State) -> None:
        """The fault proxy, if there is to be one. Raises StackNotReady."""
        if state.control is None:
            return
        plans = [
            self._link_plan(link, port, member)
            for link, ports in state.links.items()
            for port, member in zip(ports, state.replicas(self._system.link(link).peer), strict=True)
        ]
        proxy = [sys.executable, "-m", PROXY, *arguments(Address(HOST, state.control), plans)]
        log = self._layout.logs / PROXY_LOG
        own = {**self._environment, "PYTHONPATH": str(HARNESS), SECRET: state.secret}
        process = processes.start(proxy, self._layout.directory, log, own)
        _reap(process)
        check = _check("fault proxy", f"http://{HOST}:{state.control}/healthz", process, log)
        readiness.wait([check], Progress(quiet=True))

    def _link_plan(self, link: str, port: int, peer: Member) -> LinkPlan:
        is_http = self._system.part(peer.name).is_http
        return LinkPlan(link, Address(HOST, port), Address(HOST, peer.port), is_http)

    def start_service(self, state: State, member: Member) -> readiness.Check:
        """One replica of a service; what says that it is ready."""
        service = self._system.part(member.name)
        command = [*state.program, service.name] if state.program else self.command(service, member.port)
        address = probes.address(HOST, member.port, service.ready)
        settings = {**self.settings(state, service, member.port), **state.environment}
        return self._check(member, command, self._layout.log(member.part), settings, address)

    def command(self, service: Service, port: int | None) -> list[str]:
        """What runs the service at that port."""
        local = service.local
        if local is None:
            raise StackNotReady(f"{service.name} has no x-ops.local in {self._system.file.name}: it needs a container")
        argv = local.command if local.command is not None else service.command
        return self._filled([*local.entrypoint, *(self._outside(one, service) for one in argv)], service.name, port)

    def settings(self, state: State, service: Service, port: int | None = None) -> dict[str, str]:
        """Its environment at that port, besides what all have: that of its container, as it is without one."""
        values = {name: self._outside(value, service) for name, value in service.environment.items()}
        for peer, setting in service.calls.items():
            if setting and state.has(peer):
                values[setting] = _at(",".join(ways(state, Link(service.name, peer))), peer, values[setting])
        own = service.local.environment if service.local else {}
        return {
            **values,
            **{name: self._filled([value], service.name, port)[0] for name, value in own.items()},
            processes.SERVICE: service.name,
            processes.STOP: str(int(service.stop_signal)),
        }

    def environment(self, state: State, member: Member) -> dict[str, str]:
        """All of its environment."""
        settings = self.settings(state, self._system.part(member.name), member.port)
        return {**self._environment, **settings, **state.environment}

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
        return _check(str(member.part), address, process, log)


def ways(state: State, link: Link) -> list[str]:
    """Where the caller finds each replica of its peer: at a port of the link in the fault proxy, else its own."""
    ports = state.links.get(str(link)) or [member.port for member in state.replicas(link.peer)]
    return [f"{HOST}:{port}" for port in ports]


def _written(path: str, place: re.Match[str]) -> str:
    """The path as it is written there: in the query of a URL, percent-encoded."""
    return quote(path) if re.search(r"://\S*\?\S*$", place.string[: place.start()]) else path


def _at(address: str, peer: str, value: str) -> str:
    """`value` with the host that is the peer, and its port where there is one, replaced by `address`."""
    return re.sub(
        rf"(^(?!\w+://)|//(?![^/]*@)|@){re.escape(peer)}(?::\d+)?(?![\w.-])", rf"\g<1>{address}", value, count=1
    )


def _check(name: str, address: str, process: subprocess.Popen[bytes], log: Path) -> readiness.Check:
    return readiness.Check(name, address, frozenset({200}), lambda: process.poll() is None, log)


def _reap(process: subprocess.Popen[bytes]) -> None:
    """It does not stay a zombie when it ends while we live."""
    threading.Thread(target=process.wait, daemon=True).start()
