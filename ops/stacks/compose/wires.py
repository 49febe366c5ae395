"""The links of a Compose stack as networks that a container can be taken off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docker.errors import APIError

from ops.errors import StackNotReady
from ops.stacks.compose import overlay
from ops.stacks.compose.containers import Containers
from ops.stacks.parts import Sight
from ops.stacks.state import State
from ops.system import Link, current

WITHIN = 1
"""Whole seconds after which a connection that was tried counts as lost."""


class ComposeWires:
    """The networks named after the links; what is cut is seen by who is on them, not remembered."""

    def __init__(self, found: Containers, state: State | None) -> None:
        self._containers = found
        self._state = state

    def all(self) -> Sequence[Link]:
        """Every link has a network for itself."""
        return current().links

    def see(self, link: Link) -> Sight:
        """As the engine has it; a caller that is off the network and gets through all the same is `leaking`."""
        network, callers = self._network(link), self._callers(link)
        on = [one for one in callers if is_on(one, network)]
        if len(on) == len(callers):
            return Sight("running")
        return Sight("leaking" if on or any(self._gets_through(one, link) for one in callers) else "cut")

    def passes(self, link: Link) -> bool:
        """Tried from inside."""
        return all(self._gets_through(one, link) for one in self._callers(link))

    def cut(self, link: Link) -> None:
        """As `docker network disconnect`."""
        network = self._network(link)
        for container in self._callers(link):
            if is_on(container, network):
                network.disconnect(container)

    def join(self, link: Link) -> bool:
        """As `docker network connect`, under the name that Compose gave it there."""
        network = self._network(link)
        apart = [one for one in self._callers(link) if not is_on(one, network)]
        for container in apart:
            network.connect(container, aliases=[container.name, link.caller])
        return bool(apart)

    def _network(self, link: Link) -> Any:
        found = self._containers.network(overlay.network(link))
        if found is None:
            raise StackNotReady(f"{link} has no network; bring the stack up again")
        return found

    def _callers(self, link: Link) -> list[Any]:
        return self._containers.of(link.caller)

    def _gets_through(self, caller: Any, link: Link) -> bool:
        """False also for one that does not run."""
        way = overlay.way(link, self._state).replace(":", "/") if self._state else ""
        try:
            done = caller.exec_run(["timeout", str(WITHIN), "bash", "-c", f"exec 3<>/dev/tcp/{way}"])
        except APIError:
            return False
        return bool(done.exit_code == 0)


def is_on(container: Any, network: Any) -> bool:
    """True when the container has a place on that network, running or not."""
    return network.name in container.attrs["NetworkSettings"]["Networks"]
