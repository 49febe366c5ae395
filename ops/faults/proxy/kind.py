"""What a kind of fault is."""

from typing import ClassVar, Protocol, Self

from ops.faults.proxy.exchange import Exchange
from ops.faults.proxy.settings import Settings
from ops.faults.proxy.stats import Hit


class Kind(Protocol):
    """A kind of fault: it plays itself on the exchange of one request, and confirms the hit once it had its effect."""

    name: ClassVar[str]

    @classmethod
    def parse(cls, settings: Settings) -> Self:
        """Raises ValueError, saying what is wrong."""

    def settings(self) -> dict[str, object]:
        """What `parse` takes, as JSON."""

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        """Raises OSError when the client or the service is gone."""


class Plain:
    """A kind of fault without settings."""

    @classmethod
    def parse(cls, settings: Settings) -> Self:
        return cls()

    def settings(self) -> dict[str, object]:
        return {}
