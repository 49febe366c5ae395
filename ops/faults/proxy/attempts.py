"""What was asked over the links, so that attempts can be counted."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

REMEMBERED: Final = 10_000
SECRETS: Final = frozenset({"authorization", "cookie", "idempotency-key"})
_LONGEST: Final = 1_000
_IN_JSON: Final = {"request_id": "requestId", "held_ms": "heldMs"}


@dataclass(slots=True)
class Attempt:
    """One request over one link. `status` is None until an answer came; `injected` is the ID of the fault it met.

    `ms` is the time until the last byte of the answer or the end of the connection, None while it is under way.
    `effect` says whether the fault had its effect, None if that cannot be said (yet); `held_ms` is for how long the
    fault kept the request waiting. Request ID and path are those of the first 1,000 characters. `headers` are those of
    the request, by their names in small letters, without the values of SECRETS.
    """

    number: int
    ts: str
    link: str
    request_id: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    injected: str | None = None
    ms: float | None = None
    effect: bool | None = None
    held_ms: float | None = None

    @classmethod
    def from_json(cls, attempt: Mapping[str, Any]) -> "Attempt":
        return cls(**{name: attempt[_IN_JSON.get(name, name)] for name in cls.__slots__})

    def as_json(self) -> dict[str, object]:
        return {_IN_JSON.get(name, name): getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class Filter:
    """Which requests: by link, and by globs of their request ID and their path (without the query)."""

    link: str = "*"
    request_ids: str = "*"
    paths: str = "*"

    def matches(self, attempt: Attempt) -> bool:
        return (
            self.link in ("*", attempt.link)
            and (self.request_ids == "*" or fnmatchcase(attempt.request_id, self.request_ids))
            and (self.paths == "*" or fnmatchcase(attempt.path, self.paths))
        )


def utc_now() -> datetime:
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """A time in UTC with milliseconds, ending in `Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Attempts:
    """The last attempts, in the order in which they began; bounded, so a long load test does not fill the memory."""

    def __init__(self, *, remembered: int = REMEMBERED, clock: Callable[[], datetime] = utc_now) -> None:
        self._kept: deque[Attempt] = deque(maxlen=remembered)
        self._clock = clock
        self.last = 0

    def begin(
        self, link: str, request_id: str, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> Attempt:
        self.last += 1
        ts = rfc3339(self._clock())
        shown = {name: "***" if name in SECRETS else value[:_LONGEST] for name, value in (headers or {}).items()}
        attempt = Attempt(self.last, ts, link, request_id[:_LONGEST], method[:_LONGEST], path[:_LONGEST], shown)
        self._kept.append(attempt)
        return attempt

    def found(self, wanted: Filter, since: int = 0) -> list[Attempt]:
        """The attempts that match and are numbered above `since`."""
        return [attempt for attempt in self._kept if attempt.number > since and wanted.matches(attempt)]
