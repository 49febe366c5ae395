"""What a kind of fault is."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Self

from ops.faults.proxy.exchange import Exchange
from ops.faults.proxy.settings import Settings
from ops.faults.proxy.stats import Hit


def setting(read: Callable[..., Any], *bounds: Any, default: Any = MISSING) -> Any:
    """A field of a kind that a method of Settings reads, within these bounds; without a default it must be given."""
    rest = bounds if default is MISSING else (*bounds, default)
    return field(default=default, metadata={"read": lambda settings, name: read(settings, name, *rest)})


@dataclass(frozen=True)
class Kind(ABC):
    """A kind of fault: it plays itself on the exchange of one request, and confirms the hit once it had its effect.

    Its settings are its fields; what is `interval_ms` here is `intervalMs` in JSON.
    """

    name: ClassVar[str]

    @classmethod
    def parse(cls, settings: Settings) -> Self:
        """Raises ValueError, saying what is wrong."""
        return cls(**{one.name: one.metadata["read"](settings, _in_json(one.name)) for one in fields(cls)})

    def settings(self) -> dict[str, object]:
        """What `parse` takes, as JSON."""
        return {_in_json(one.name): getattr(self, one.name) for one in fields(self)}

    @abstractmethod
    async def play(self, exchange: Exchange, hit: Hit) -> None:
        """Raises OSError when the client or the service is gone."""


def _in_json(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
