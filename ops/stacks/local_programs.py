"""The programs of a local stack, each started with its settings."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.faults.proxy.addresses import Address, LinkPlan, arguments
from ops.gateway.nginx import Nginx
from ops.stacks import asking, processes, readiness, relinking, topology
from ops.stacks.layout import Layout
from ops.stacks.state import Member, State
from ops.stacks.topology import CALLS, HOST, Link

PROXY = "ops.faults.proxy"
PROXY_LOG = "faults.log"


class Programs:
    """Starts those of the stack in `layout`; whoever calls writes the state down, which then names their processes."""

    def __init__(self, layout: Layout, environment: Mapping[str, str]) -> None:
        self._layout = layout
        self._environment = environment

    def start(self, state: State, nginx: Nginx) -> list[readiness.Check]:
        """All of them; what says that they are ready."""
        self.start_proxy(state)
        checks = [self.start_service(state, member) for member in state.services()]
        return [*checks, self._start_gateway(state, nginx)]

    def start_proxy(self, state: State) -> None:
        """The fault proxy, if there is to be one. Raises StackNotReady."""
        if state.control is None:
            return
        plans = [
            LinkPlan(link, Address(HOST, port), Address(HOST, state.member(Link.parse(link).peer).port))
            for link, port in state.links.items()
        ]
        proxy = [sys.executable, "-m", PROXY, *arguments(Address(HOST, state.control), plans)]
        log = self._layout.logs / PROXY_LOG
        _reap(processes.start(proxy, self._layout.directory, log, self._environment))
        relinking.await_ready("fault proxy", lambda: asking.answers(f"http://{HOST}:{state.control}/healthz"), log)

    def start_service(self, state: State, member: Member) -> readiness.Check:
        """One service; what says that it is ready."""
        own = {processes.SERVICE: member.name, **self.settings(state, member.name)}
        environment = {**self._environment, **own, **state.environment}
        log = self._layout.logs / f"{member.name}.log"
        return self._check(member, command(state, member.name), log, environment, "/readyz")

    def settings(self, state: State, service: str) -> dict[str, str]:
        """Its environment, besides what all have."""
        peers = {peer: f"{HOST}:{way(state, Link(service, peer))}" for peer in CALLS[service]}
        return topology.settings(service, state.member(service).port, self._layout.data, self._layout.key, peers)

    def _start_gateway(self, state: State, nginx: Nginx) -> readiness.Check:
        arguments = nginx.command(self._layout.gateway)
        return self._check(state.gateway, arguments, self._layout.logs / "nginx.log", self._environment, "/healthz")

    def _check(
        self, member: Member, arguments: Sequence[str], log: Path, environment: Mapping[str, str], path: str
    ) -> readiness.Check:
        process = processes.start(arguments, self._layout.directory, log, environment)
        _reap(process)
        member.pid, member.ready_ms = process.pid, None
        url = f"http://{HOST}:{member.port}{path}"
        return readiness.Check(member.name, url, frozenset({200}), lambda: process.poll() is None, log)


def command(state: State, service: str) -> list[str]:
    """What runs a service, or with more arguments one of its own commands."""
    if state.program:
        return [*state.program, service]
    return [sys.executable, "-P", "-m", f"services.{service}"]


def way(state: State, link: Link) -> int:
    """The port at which the caller finds its peer: that of the link in the fault proxy, else the peer's own."""
    return state.links.get(str(link), state.member(link.peer).port)


def _reap(process: subprocess.Popen[bytes]) -> None:
    """It does not stay a zombie when it ends while we live."""
    threading.Thread(target=process.wait, daemon=True).start()
