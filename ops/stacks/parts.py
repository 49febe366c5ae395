"""The parts of a stack that can be broken one by one: the replicas of its services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from ops.errors import WrongUsage
from ops.stacks.usage import Usage

ServiceState: TypeAlias = Literal["running", "stopped", "paused", "absent"]


@dataclass(frozen=True)
class Part:
    """One replica of a service, written `cart` (the first) or `cart.2`."""

    service: str
    replica: int = 1

    @classmethod
    def parse(cls, text: str, there: Sequence[Part]) -> Part:
        """`cart` is the first that is there. Raises WrongUsage when it is none of those."""
        part = next((one for one in there if text in (str(one), f"{one.service}.{one.replica}", one.service)), None)
        if part is None:
            raise WrongUsage(f"there is no service {text!r}; there are {', '.join(map(str, there)) or 'none'}")
        return part

    @classmethod
    def of(cls, text: str) -> Part:
        """As it is written, whether there is one or not."""
        service, _, replica = text.rpartition(".")
        return cls(service, int(replica)) if service and replica.isdecimal() else cls(text)

    def __str__(self) -> str:
        return self.service if self.replica == 1 else f"{self.service}.{self.replica}"


@dataclass(frozen=True)
class Observation:
    """A part as it is seen now; `run` differs after each start, `body` once it was replaced."""

    state: ServiceState
    run: str = ""
    body: str = ""


class Parts(Protocol):
    """What can be done to the parts of one stack, for who holds its layout or owns the stack; anybody may look."""

    def all(self) -> Sequence[Part]:
        """Those that there should be."""

    def see(self, part: Part) -> Observation:
        """How it is now."""

    def usage(self, part: Part) -> Usage:
        """What it takes of its machine now. Raises StackNotReady when it does not run."""

    def answers(self, part: Part) -> bool:
        """True when it says itself that it is ready."""

    def last_lines(self, part: Part) -> list[str]:
        """The end of what it wrote; nothing where there is none."""

    def stop(self, part: Part) -> None:
        """Stop it gracefully (its stop signal) and wait."""

    def kill(self, part: Part) -> None:
        """End it at once."""

    def pause(self, part: Part) -> None:
        """It stays as it is and does nothing."""

    def resume(self, part: Part) -> None:
        """A paused one goes on."""

    def start(self, part: Part) -> None:
        """Start one that ended, where it was, with the data that it had; not awaited until ready."""

    def recreate(self, part: Part) -> Part:
        """Replace it by a new one, perhaps of another number and address, with the data that it had."""
