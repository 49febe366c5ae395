"""The Compose stack: what is deployed, on this machine's Docker Engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ops.checks import CheckResult
from ops.engine import base_image, plugins
from ops.engine.docker import Docker, NoEngine
from ops.errors import CleanupFailed, ConfigurationInvalid, OpsError, StackNotReady
from ops.progress import Progress
from ops.stacks import cutting, ports, processes, readiness
from ops.stacks.compose import condition, containers, evidence, follower, gateway, overlay, ready
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.engine import Engine
from ops.stacks.compose.parts import ComposeParts
from ops.stacks.compose.plan import KIND, plan, ways
from ops.stacks.compose.project import SILENT, Project
from ops.stacks.compose.wires import ComposeWires
from ops.stacks.housed import Housed
from ops.stacks.layout import ROOT, Layout
from ops.stacks.model import StackStatus, Wish
from ops.stacks.relinking import await_ready
from ops.stacks.state import Member, State
from ops.stacks.topology import GATEWAY, HOST, SERVICES, Link

KEY = "/var/lib/gateproof/keys/jwt.pem"


class ComposeStack(Housed):
    """One Compose stack. Its methods that change it are to be called while its layout is held."""

    ABILITIES = Housed.ABILITIES | {"recreate", cutting.CAPABILITY}

    def __init__(self, layout: Layout, environment: Mapping[str, str], root: Path = ROOT) -> None:
        super().__init__(layout, environment)
        self.root = root
        self._follower: subprocess.Popen[bytes] | None = None

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
        return ComposeParts(self.containers, self.project(state.gateway.port if state else 0))

    @property
    def wires(self) -> ComposeWires:
        """The networks of its links. Raises NoEngine."""
        return ComposeWires(self.containers, self.state)

    def project(self, port: int = 0, progress: Progress = SILENT) -> Project:
        """The Compose project that it is."""
        return Project(self._engine.docker, self.layout, port, self.root, progress)

    # -- up ------------------------------------------------------------------------------------------------------

    def up(self, wish: Wish, progress: Progress) -> StackStatus:
        """Bring it up, or up to date, and return when it is ready; what has not changed keeps running.

        Nothing is started, and what runs stays as it is, when the configuration does not hold: raises
        ConfigurationInvalid. Raises StackNotReady when there is no engine or a service does not come up.
        """
        was_up = self.state is not None
        try:
            state, project = self._prepare(wish, progress)
        except OpsError:
            if not was_up:
                self.layout.remove()
            raise
        state.save(self.layout.state)
        self._follow()
        moved = overlay.write_gateway(self.layout, state, self.root)
        self._start(project)
        if moved:
            gateway.reload(self.containers.of(GATEWAY)[0])
        self._await_ready(state, progress)
        self._check_running()
        return self.status()

    def _prepare(self, wish: Wish, progress: Progress) -> tuple[State, Project]:
        """Everything that can fail without having touched a container."""
        program = Docker.find(self._environment)
        program.engine()
        plugins.provide(program, progress)
        self.layout.make()
        running = [containers.service(one) for one in self.containers.all() if one.status == "running"]
        state = plan(wish, self.state, running)
        project = self.project(state.gateway.port, progress)
        project.end_calls()
        overlay.write(project.overlay, self.layout, state, project.tag, wish.environment)
        project.config()
        base_image.provide(program, self.layout.directory / "scratch", progress)
        progress.say("building the images (about a minute the first time)", "dim")
        project.build()
        containers.forget_replaced(self._engine.client, project.builder)
        if self.state is None:
            state.save(self.layout.state)
        gateway.check_image(self._engine.client, f"gateproof-gateway:{project.tag}", self._labels(project))
        return state, project

    def _labels(self, project: Project) -> dict[str, str]:
        return {containers.PROJECT: project.name, overlay.LABEL: str(self.layout.directory.resolve())}

    def _follow(self) -> None:
        """Copy the containers' lines from the first on; a follower that is there already goes on."""
        if processes.of(self.layout.directory, follower.MODULE):
            return
        self._forget_follower()
        engine = self._engine.docker.host()
        command = follower.command(sys.executable, engine, self.project().name, self.layout.logs)
        environment = {**self._environment, "PYTHONPATH": str(ROOT)}
        log = self.layout.directory / "follower.log"
        self._follower = processes.start(command, self.layout.directory, log, environment)

    def _forget_follower(self) -> None:
        """One that was our child and has ended."""
        if self._follower:
            self._follower.wait()
        self._follower = None

    def _start(self, project: Project) -> None:
        try:
            project.up()
        except StackNotReady as failure:
            ended = [one for one in self.containers.all() if one.attrs["State"]["ExitCode"]]
            if not ended:
                raise
            name = containers.service(ended[0])
            raise StackNotReady(f"{name} ended at once: {failure}", containers.last_lines(ended[0])) from None

    def _await_ready(self, state: State, progress: Progress) -> None:
        found = [one for one in self.containers.all() if containers.service(one) in (*SERVICES, GATEWAY)]
        checks = [self._check(one, state) for one in found]
        try:
            readiness.wait(checks, progress)
        except StackNotReady as failure:
            culprit = next(check for check in checks if str(failure).startswith(f"{check.name} "))
            raise StackNotReady(str(failure), containers.last_lines(culprit.container)) from None
        for check in checks:
            _note(state.member(containers.service(check.container)), check)
        state.save(self.layout.state)

    def _check_running(self) -> None:
        for result in self.check_gateway():
            if not result.ok:
                raise ConfigurationInvalid(f"the running nginx refuses its configuration: {result.detail}")

    def _check(self, container: Any, state: State) -> ready.ContainerCheck:
        url = f"{state.url}/healthz" if containers.service(container) == GATEWAY else ready.url(container)
        return ready.check(container, url, follower.file_of(self.layout.logs, container))

    # -- links ---------------------------------------------------------------------------------------------------

    def way(self, link: Link) -> str:
        """In the proxy's container."""
        state, proxies = self.state, self.containers.of(overlay.PROXY)
        if state is None or str(link) not in state.links or not proxies:
            raise StackNotReady(f"{link} of {self.name} does not go through the fault proxy")
        return f"{containers.address(proxies[0])}:{state.links[str(link)]}"

    def relink(self, links: Sequence[Link]) -> None:
        """Between no links and some, only a service whose peers are elsewhere now is away for a moment.

        Between some and others the proxy is made anew, and until it listens all its links refuse connections.
        """
        before = self.state
        if before is None:
            raise StackNotReady(f"there is no stack {self.name}")
        if sorted(before.links) == sorted(map(str, links)):
            return
        control = (before.control or ports.free(1)[0]) if links else None
        state = before.model_copy(update={"links": ways(links), "control": control})
        self._start_proxy(state)
        if overlay.write_gateway(self.layout, state, self.root):
            gateway.reload(self.containers.of(GATEWAY)[0])
        for service in [name for name in SERVICES if overlay.peers(name, before) != overlay.peers(name, state)]:
            scale = f"{service}={len(self.containers.of(service))}"
            self.project(state.gateway.port).up("--no-deps", "--scale", scale, service)
        for proxy in [] if links else self.containers.of(overlay.PROXY):
            proxy.remove(force=True)
        self._await_ready(state, Progress(quiet=True))

    def _start_proxy(self, state: State) -> None:
        """The project as it is to be, and the proxy if there is to be one; nobody asks it yet."""
        project = self.project(state.gateway.port)
        overlay.write(project.overlay, self.layout, state, project.tag, tuple(state.environment.items()))
        state.save(self.layout.state)
        if state.links:
            project.build(overlay.PROXY)
            project.up("--no-deps", overlay.PROXY)
            await_ready("fault proxy", lambda: readiness.answers(f"http://{HOST}:{state.control}/healthz"))

    # -- while it runs -------------------------------------------------------------------------------------------

    def status(self) -> StackStatus:
        """Its services as they are now; one whose container ended is `stopped`, one without a container `absent`."""
        state, found = self.state, self._found()
        services = condition.services(found, state)
        if state is None or not found:
            return StackStatus(self.name, KIND, None, "down", None, None, services)
        overall = condition.overall(state, found, services)
        return StackStatus(self.name, KIND, state.url, overall, state.database, str(self.layout.directory), services)

    def _found(self) -> list[Any]:
        try:
            return self.containers.all()
        except NoEngine:
            return []

    def log_files(self) -> Sequence[Path]:
        """A file for each container there is or was."""
        return sorted(self.layout.logs.glob("*/*.log"), key=lambda file: file.stat().st_ctime)

    def command(self, service: str, arguments: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of a service's own commands in its container, with `given` on standard input."""
        running = self.containers.of(service)[0].id
        program = ["python", "-P", "-m", f"services.{service}", *arguments]
        return self._engine.docker.run(["exec", "--interactive", running, *program], given=given)

    def signing_key(self) -> bytes:
        """The private key that signs the tokens, as PEM."""
        return containers.read_file(self.containers.of("users")[0], KEY)

    def check_gateway(self) -> Sequence[CheckResult]:
        """What nginx says of the configuration that it runs with."""
        return [gateway.check_running(self.containers.of(GATEWAY)[0])]

    def recreate(self, *services: str) -> None:
        """Replace the services' containers, in this order, by new ones, which may get other addresses."""
        project = self.project(self.state.gateway.port if self.state else 0)
        for name in services:
            project.up("--no-deps", "--force-recreate", name)

    def keep_evidence(self, folder: Path) -> None:
        """Write into `folder` what can only be known while the stack is there."""
        if self.layout.directory.exists() and (found := self._found()):
            evidence.keep(found, self.project(), self.layout, folder)

    # -- down ----------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End every process of the stack, gracefully where it lets us; data and logs stay."""
        self.project().end_calls()
        self.containers.stop()
        self._end_processes()

    def clear(self) -> None:
        """Remove all of it but the hold on its folder. Raises CleanupFailed when something is left."""
        self._remove()
        self.layout.clear()

    def down(self) -> None:
        """Remove all of it. Raises CleanupFailed when something is left."""
        self._remove()
        self.layout.remove()

    def _remove(self) -> None:
        """What it has on the engine, and its processes; without a state nothing was ever started there."""
        try:
            self.project().end_calls()
            self.containers.wake()
            self.project().down()
            self.containers.remove()
        except NoEngine as gone:
            if self.state:
                raise CleanupFailed(f"the containers of {self.name} cannot be removed: {gone}") from None
        self._end_processes()

    def _end_processes(self) -> None:
        processes.end(processes.of(self.layout.directory))
        self._forget_follower()


def _note(member: Member, check: ready.ContainerCheck) -> None:
    """A container that was there before keeps the time that it took to get ready."""
    pid = check.container.attrs["State"]["Pid"]
    if member.pid != pid:
        member.pid, member.ready_ms = pid, check.ready_ms
