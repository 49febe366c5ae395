"""A link that is cut: its caller is taken off the network that the two have for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ops.stacks.asking import is_served
from ops.stacks.breakage import Appearance, Breakage
from ops.stacks.parts import Sight
from ops.stacks.recovery import Probe
from ops.system import Link, current

KIND = "cut"
CAPABILITY = "cut"


class Wires(Protocol):
    """The networks of a stack's links, for who holds its layout or owns the stack; anybody may look."""

    def all(self) -> Sequence[Link]:
        """Those that can be cut."""

    def see(self, link: Link) -> Sight:
        """`running`, `cut`, or `leaking` while some replica of the caller still gets through."""

    def passes(self, link: Link) -> bool:
        """True when each replica of the caller, tried from inside it, reaches whoever it has to ask."""

    def cut(self, link: Link) -> None:
        """Nothing of the caller reaches the peer any more; both keep running, and their other links hold."""

    def join(self, link: Link) -> bool:
        """Undo it; the caller may get another address. False when nothing was cut."""


class Cut(Breakage):
    """One cut link; it is back once connections pass and `good` holds.

    By default that is the route through the gateway of the service that needs the link.
    """

    def __init__(self, wires: Wires, link: Link, url: str, good: Probe | None = None) -> None:
        super().__init__(KIND, str(link), Appearance("cut"))
        self.link = link
        self._wires = wires
        self._good = good or (lambda: is_served(url, current().needs(link)))

    def sight(self) -> Sight:
        return self._wires.see(self.link)

    def mend(self) -> bool:
        return self._wires.join(self.link)

    def is_back(self) -> bool:
        return self._wires.passes(self.link) and self._good()

    def _damage(self) -> None:
        self._wires.cut(self.link)
