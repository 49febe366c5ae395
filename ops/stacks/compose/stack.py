"""The Compose stack: what is deployed, on this machine's Docker Engine."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from ops.checks import CheckResult
from ops.errors import CleanupFailed, ConfigurationInvalid, OpsError, StackNotReady
from ops.journal.masking import mask, mask_text
from ops.progress import Progress
from ops.provision import plugins
from ops.provision.docker import Docker, NoEngine
from ops.stacks import evidence, processes
from ops.stacks.base import BaseStack
from ops.stacks.compose import awaiting, condition, containers, gateway, images, overlay
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.engine import Engine
from ops.stacks.compose.follower import FollowerProcess
from ops.stacks.compose.parts import ComposeParts
from ops.stacks.compose.plan import KIND, plan
from ops.stacks.compose.project import SILENT, Project
from ops.stacks.compose.proxies import Proxies, ProxyControl, targets_of
from ops.stacks.compose.rollout import ComposeRollout
from ops.stacks.layout import Layout
from ops.stacks.model import ServiceStatus, StackStatus, UpOptions
from ops.stacks.parts import Part
from ops.stacks.state import State
from ops.system import Link, System, current


class ComposeStack(BaseStack):
    """One Compose stack. Its methods that change it are to be called while its layout is held."""

    kind = KIND
    ABILITIES = BaseStack.ABILITIES | {"recreate", "wire-faults", "cut"}
    HEALTH_INTERVAL: ClassVar[str | None] = overlay.HEALTH_INTERVAL

    def __init__(self, layout: Layout, environment: Mapping[str, str], system: System | None = None) -> None:
        super().__init__(layout, environment, system or current())
        self._follower = FollowerProcess(layout, self._environment)

    @cached_property
    def _engine(self) -> Engine:
        return Engine.reached(self._environment)

    @property
    def containers(self) -> Containers:
        """All that it has on the engine. Raises NoEngine."""
        return Containers(self._engine.client, self.project().name)

    @property
    def parts(self) -> ComposeParts:
        """Its services' containers. Raises NoEngine."""
        state = self.state
        return ComposeParts(self.containers, self.project(state.gateway.port if state else 0), self.proxies)

    @cached_property
    def proxies(self) -> Proxies:
        """The fault proxies of its callers. Raises NoEngine."""
        project, state = self.project(), self.state
        is_run = state is not None and state.ephemeral and not state.kept
        image = images.Faults(project.docker, project.tag, project.builder)
        return Proxies(self.containers, targets_of(self.system), image, are_kept=is_run)

    def project(self, port: int = 0, progress: Progress = SILENT) -> Project:
        """The Compose project that it is."""
        return Project(self._engine.docker, self.layout, self.system, port, progress)

    # -- up ------------------------------------------------------------------------------------------------------

    def up(self, up_options: UpOptions, progress: Progress) -> StackStatus:
        """Bring it up, or up to date, and return when it is ready; what has not changed keeps running.

        Nothing is started, and what runs stays as it is, when the configuration does not hold: raises
        ConfigurationInvalid. Raises StackNotReady when there is no engine or a service does not come up.
        """
        was_up = self.state is not None
        try:
            state, project = self._prepare(up_options, progress)
        except (OpsError, OSError):
            if not was_up:
                self.layout.remove()
            raise
        state.save(self.layout.state)
        self._follower.begin(self._engine.docker.host(), project.name)
        self._start(project)
        state.restarting = ""  # Compose has removed what is too much, before it started anything
        if up_options.links:
            self.proxies.keep_up({link.caller for link in up_options.links})
        self._await_ready(state, progress)
        self._check_running()
        return self.status()

    def _prepare(self, up_options: UpOptions, progress: Progress) -> tuple[State, Project]:
        """Everything that can fail without having touched a container."""
        program = Docker.find(self._environment)
        program.engine()
        program.require_here()
        plugins.provide(program, progress)
        self.layout.make()
        self._write_server(up_options.server)
        running = [containers.service(one) for one in self.containers.all() if one.status == "running"]
        state = plan(up_options, self.state, running, self.kind)
        project = self.project(state.gateway.port, progress)
        project.end_calls()
        settings = up_options.environment
        overlay.write(
            project.overlay, overlay.document(self.layout, state, project.tag, settings, self.HEALTH_INTERVAL)
        )
        project.require_place()
        images.build(project, self._engine.client, self.layout, progress)
        if self.state is None:
            state.save(self.layout.state)
        images.check(project, self._engine.client, self.layout, progress)
        return state, project

    def _start(self, project: Project) -> None:
        try:
            project.up()
        except StackNotReady as failure:
            raise awaiting.with_culprit(self.containers.all(), failure) from None

    def _await_ready(self, state: State, progress: Progress) -> None:
        awaiting.await_ready(self.containers.all(), self.layout, state, progress)

    def _check_running(self) -> None:
        for result in self.check_gateway():
            if not result.ok:
                raise ConfigurationInvalid(f"the running nginx refuses its configuration: {result.detail}")

    def rollout(self, service: str, progress: Progress) -> ComposeRollout:
        """Its containers are replaced."""
        state, part = self._written, self.system.part(service)
        project = self.project(state.gateway.port, progress)
        return ComposeRollout(part, self.containers, project, self.layout, state, progress)

    # -- links ---------------------------------------------------------------------------------------------------

    @property
    def link_control(self) -> ProxyControl:
        """A proxy joins a caller when the first fault is put on a link of it."""
        return ProxyControl(self.proxies)

    def provide_link(self, link: Link, *, stay: bool) -> ProxyControl:
        """Nothing of the stack is changed, no service restarted."""
        self.proxies.provide([link.caller], stay=stay)
        return self.link_control

    def withdraw_proxy(self) -> None:
        """Unless it came up with them."""
        if not (self.state and self.state.ephemeral):
            self.proxies.remove()

    def withdraw_dead_proxy(self) -> None:
        """One that is gone has taken its rules along."""

    # -- while it runs -------------------------------------------------------------------------------------------

    def status(self) -> StackStatus:
        """Its services as they are now; one whose container ended is `stopped`, one without a container `absent`."""
        state, found = self.state, self._found()
        services = self._services(found, state)
        if state is None or not found:
            return StackStatus(self.name, self.kind, None, "down", None, None, services)
        overall = condition.overall(state, found, services)
        return StackStatus(
            self.name, self.kind, state.url, overall, state.database, str(self.layout.directory), services
        )

    def _services(self, found: Sequence[Any], state: State | None) -> tuple[ServiceStatus, ...]:
        return condition.services(found, state)

    def _found(self) -> list[Any]:
        try:
            return self.containers.all()
        except NoEngine:
            return []

    def log_files(self) -> Sequence[Path]:
        """A file for each container there is or was."""
        return sorted(self.layout.logs.glob("*/*.log"), key=_changed)

    def exec(
        self, service: str, command: Sequence[str], given: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command in a service's container; where none goes on running, in a new one that is gone afterwards."""
        part = Part.of(service)
        known = self.containers.of(part.service)
        known = [one for one in known if service == part.service or containers.part(one) == part]
        if not known or any(one.status == "paused" for one in known):
            raise StackNotReady(f"{service} of {self.name} does not run")
        there = [one for one in known if containers.goes_on(one)]
        is_terminal = given is None and sys.stdin.isatty() and sys.stdout.isatty()
        if not there:
            argv, environment = self.project().alone(part.service, command, is_terminal=is_terminal)
            return processes.run(argv, self.system.root, environment, given)
        docker = self._engine.docker
        argv = [docker.binary, "exec", "--interactive", *(["--tty"] if is_terminal else []), there[0].id, *command]
        return processes.run(argv, self.system.root, docker.environment, given)

    def check_gateway(self) -> Sequence[CheckResult]:
        """What nginx says of the configuration that it runs with."""
        if not self.system.gateway.nginx:
            return []
        result = gateway.check_running(self._engine.docker, self.containers.of(current().gateway.name)[0])
        return [result] if result else []

    def versions(self) -> Mapping[str, str]:
        """Docker's, and that of the gateway's nginx."""
        inside = {"nginx": (self.system.gateway.name, "nginx -v")} if self.system.gateway.nginx else {}
        return {
            "docker engine": self._engine.docker.engine(),
            "docker compose": self._engine.docker.compose(),
            **{
                name: containers.version(self._engine.docker, self.containers.of(part)[0], ask)
                for name, (part, ask) in inside.items()
            },
        }

    def keep_evidence(self, folder: Path) -> None:
        """Write into `folder` what can only be known while the stack is there."""
        if self.layout.directory.exists() and (found := self._found()):
            _keep(found, self.project(), self.layout, folder)

    # -- down ----------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End every process of the stack, gracefully where it lets us; data and logs stay."""
        self.project().end_calls()
        self.containers.stop()
        self._end_processes()

    def _remove(self, remove: Callable[[], None]) -> None:
        """What it has on the engine, and its processes; without a state nothing was ever started there."""
        left = ""
        try:
            self.project().end_calls()
            self.containers.wake()
            left = self.project().undo() if self.state else ""
            self.project().down()
            self.containers.remove()
        except NoEngine as gone:
            if self.state:
                raise CleanupFailed(f"the containers of {self.name} cannot be removed: {gone}") from None
        self._end_processes()
        remove()
        if left:
            raise CleanupFailed(left)

    def _end_processes(self) -> None:
        processes.end(processes.of(self.layout.directory))
        self._follower.forget()


def _keep(found: Iterable[Any], project: Project, layout: Layout, folder: Path) -> None:
    """Write `inspect/<container>.json` (with its health checks), `compose.yml` as it was meant, and `logs/`."""
    inspected = folder / "inspect"
    inspected.mkdir(parents=True, exist_ok=True)
    for container in found:
        document = json.dumps(mask(container.attrs), indent=1)
        (inspected / f"{container.name}.json").write_text(document)
    (folder / "compose.yml").write_text(mask_text(_meant(project)))
    evidence.copy(layout.logs, folder / "logs")


def _meant(project: Project) -> str:
    try:
        return project.config()
    except ConfigurationInvalid as refused:
        return f"# {refused}\n"


def _changed(file: Path) -> float:
    """When it changed; one that goes meanwhile comes last."""
    try:
        return file.stat().st_ctime
    except FileNotFoundError:
        return math.inf
