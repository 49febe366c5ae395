"""The chain of timeouts, in seconds: each must end before the one around it does."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Timeouts:
    """connect < attempt < call < peers < handler < (the gateway's read timeout, 5 s) < drain_grace < stop_grace.

    `peers` is what all calls of one request to other services may take, counted from the request's start at the
    gateway; `handler` adds the longest wait for the database, of either kind, and none goes on beyond it.
    `shed_after`: a request that waited longer than this for a thread is refused at once. The gateway's idle
    connections must end before `channel_timeout`.
    """

    connect: float = 0.3
    attempt: float = 1.0
    call: float = 1.9
    peers: float = 2.8
    database_busy: float = 1.5
    handler: float = 4.3
    drain_grace: float = 8.0
    stop_grace: float = 15.0
    channel_timeout: float = 120.0
    shed_after: float = 1.0

    def document(self) -> dict[str, float]:
        """The same with camelCase names, as the `timeouts` command prints it."""
        return {_camel(name): seconds for name, seconds in asdict(self).items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


TIMEOUTS = Timeouts()
