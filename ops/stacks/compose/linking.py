"""Puts the links of a running Compose stack through the fault proxy, or no longer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ops.progress import Progress
from ops.stacks import asking, ports
from ops.stacks.compose import awaiting, gateway, overlay
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.plan import ways
from ops.stacks.compose.project import Project
from ops.stacks.layout import Layout
from ops.stacks.relinking import await_ready
from ops.stacks.state import State
from ops.system import HOST, Link, current


class Linking:
    """The links of one stack, whose tree is in `root`."""

    def __init__(self, layout: Layout, found: Containers, project: Project, root: Path) -> None:
        self._layout = layout
        self._containers = found
        self._project = project
        self._root = root

    def change(self, before: State, links: Sequence[Link]) -> None:
        """Between no links and some, only a service whose peers are elsewhere now is away for a moment."""
        if before.goes(links):
            return
        control = (before.control or ports.free(1)[0]) if links else None
        begun = before.model_copy(update={"unfinished": True})
        begun.save(self._layout.state)
        state = begun.model_copy(update={"links": ways(links), "control": control})
        self._start_proxy(state)
        state.save(self._layout.state)
        if overlay.write_gateway(self._layout, state, self._root):
            gateway.reload(self._project.docker, self._containers.of(current().gateway.name)[0])
        for service in current().names:
            if before.unfinished or overlay.peers(service, before) != overlay.peers(service, state):
                scale = f"{service}={len(self._containers.of(service)) or 1}"
                self._project.up("--no-deps", "--scale", scale, service)
        for proxy in [] if links else self._containers.of(overlay.PROXY):
            proxy.remove(force=True)
        state.unfinished = False
        awaiting.await_ready(self._containers.all(), self._layout, state, Progress(quiet=True))

    def _start_proxy(self, state: State) -> None:
        """The project as it is to be, and the proxy if there is to be one; nobody asks it yet."""
        settings = tuple(state.environment.items())
        overlay.write(self._project.overlay, self._layout, state, self._project.tag, settings)
        if state.links:
            self._project.build(overlay.PROXY)
            self._project.up("--no-deps", overlay.PROXY)
            await_ready("fault proxy", lambda: asking.answers(f"http://{HOST}:{state.control}/healthz"))
