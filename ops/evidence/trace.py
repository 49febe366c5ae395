"""One request's way through gateway and services, as its log lines tell it.

Times are milliseconds from the beginning of the request that a hop belongs to; a start is reckoned from a line's end in
whole milliseconds, and so right to about one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ops.evidence.matching import Span, is_late

_NEVER_CONNECTED: Final = frozenset({"not-connected", "not-connected-in-time", "name-not-found"})
_MAY_HAVE_ARRIVED: Final = frozenset({None, 502, 504})


@dataclass(frozen=True)
class Remark:
    """Another line of the request: a problem, an error, a warning; `fields` are the line's own."""

    at_ms: float
    level: str
    event: str
    fields: Mapping[str, object]

    def document(self) -> dict[str, Any]:
        """The line as `trace --json` shows it."""
        return {"atMs": self.at_ms, "level": self.level, "event": self.event, **self.fields}


@dataclass(frozen=True)
class Attempt:
    """One attempt of a call, as its caller saw it; `hop` is the peer's own line of it, None where it has none.

    `status` is None if no answer came; `error` why what came, or not, was of no use; `asked` is `GET /users/me`. The
    gateway tells the times of its last attempt alone, and the `address`.
    """

    number: int
    status: int | None
    start_ms: float | None
    duration_ms: float | None
    error: str | None = None
    address: str | None = None
    asked: str | None = None
    hop: Hop | None = None

    @property
    def surely_never_arrived(self) -> bool:
        """Whether a missing line can only mean that: else the peer may have ended, or not yet be done with it."""
        return self.error in _NEVER_CONNECTED or self.status not in _MAY_HAVE_ARRIVED

    def had_ended_before(self, hop: Hop) -> bool:
        """Whether the caller had given up when the peer began."""
        if self.start_ms is None or self.duration_ms is None:
            return False
        outer = Span(self.start_ms, self.start_ms + self.duration_ms)
        return is_late(Span(hop.start_ms, hop.start_ms + hop.duration_ms), outer)

    def document(self) -> dict[str, Any]:
        """The attempt as `trace --json` shows it."""
        return {
            "attempt": self.number,
            "status": self.status,
            "error": self.error,
            "address": self.address,
            "startMs": self.start_ms,
            "durationMs": self.duration_ms,
            "hop": self.hop.document() if self.hop else None,
        }


@dataclass(frozen=True)
class Call:
    """A question to a peer, with each attempt at it."""

    peer: str
    attempts: tuple[Attempt, ...]

    @property
    def asked(self) -> str | None:
        """Method and path, as the caller's line tells them, or else the peer's."""
        told = [attempt.asked for attempt in self.attempts]
        told += [attempt.hop.asked for attempt in self.attempts if attempt.hop]
        return next(filter(None, told), None)

    @property
    def is_answered_by_lines(self) -> bool:
        """Whether the peer has a line for each attempt, and for whatever it asked in turn."""
        return all(attempt.hop is not None and attempt.hop.is_complete for attempt in self.attempts)

    def document(self) -> dict[str, Any]:
        """The call as `trace --json` shows it."""
        return {"peer": self.peer, "asked": self.asked, "attempts": [each.document() for each in self.attempts]}


@dataclass(frozen=True)
class Hop:
    """A request as one service handled it. `status` is None where its access line is missing; `replica` if unknown."""

    service: str
    replica: str | None
    method: str | None
    path: str | None
    status: int | None
    start_ms: float
    duration_ms: float
    calls: tuple[Call, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def asked(self) -> str | None:
        """`GET /users/me`."""
        return f"{self.method} {self.path}" if self.method else None

    @property
    def is_complete(self) -> bool:
        """Whether no line is missing."""
        return self.status is not None and all(call.is_answered_by_lines for call in self.calls)

    def document(self) -> dict[str, Any]:
        """The hop as `trace --json` shows it."""
        return {
            "service": self.service,
            "replica": self.replica,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "startMs": self.start_ms,
            "durationMs": self.duration_ms,
            "calls": [call.document() for call in self.calls],
            "lines": [remark.document() for remark in self.remarks],
        }


@dataclass(frozen=True)
class Request:
    """One request: `began` is its first moment (RFC 3339), `hop` the outermost service that has a line of it."""

    began: str
    hop: Hop

    def document(self) -> dict[str, Any]:
        """The request as `trace --json` shows it."""
        return {"began": self.began, **self.hop.document()}


@dataclass(frozen=True)
class Trace:
    """Every request of one ID, oldest first: there are several where a client used its ID again."""

    request_id: str
    requests: tuple[Request, ...]

    def document(self) -> dict[str, Any]:
        """The object that `trace --json` prints."""
        return {"requestId": self.request_id, "requests": [request.document() for request in self.requests]}
