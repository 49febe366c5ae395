"""Calls to other services: one deadline, one retry of a read, a verdict on every answer."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from pydantic_core import from_json

from services.common.errors import PeerError, PeerFailed, PeerTimeout, PeerUnavailable
from services.common.peers.bulkhead import Bulkhead, Full
from services.common.peers.connections import Connections, ExchangeError, KeptConnectionClosed, NotConnected, OutOfTime
from services.common.runtime import scope
from services.common.runtime.timeouts import TIMEOUTS, Timeouts
from services.common.runtime.trace_context import Span

PLACES = 5
PATIENCE = 0.2
LARGEST_BODY = 1024 * 1024
RETRIED = (502, 503)
PAUSE = 0.05
JITTER = 0.5
UNEXPECTED = "unexpected-status"

log = structlog.get_logger()


Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Reply:
    """What a peer answered: a status of 2xx or 4xx, and the JSON object in the body."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True)
class _Question(Generic[Answer]):
    path: str
    read: Callable[[Reply], Answer]
    token: str | None
    deadline: float


class _OnceMore(Exception):
    """To be asked once more, `anew` over a connection of its own; `verdict` is what it means if there is no more."""

    def __init__(self, verdict: PeerError, *, anew: bool = False) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict
        self.anew = anew


class Peer:
    """Another service, asked over at most `places` connections at once; beyond that calls take turns (see Bulkhead).

    `counted` is told of each attempt: the peer's name, the status (None without an answer) and the attempt's number.
    `pause` waits for the seconds it is given.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        timeouts: Timeouts = TIMEOUTS,
        places: int = PLACES,
        pause: Callable[[float], None] = time.sleep,
        counted: Callable[[str, int | None, int], None] = lambda _peer, _status, _attempt: None,
    ) -> None:
        self.name = name
        self._connections = Connections(base_url, size=places, connect=timeouts.connect)
        self._timeouts = timeouts
        self._bulkhead = Bulkhead(places, PATIENCE)
        self._pause = pause
        self._counted = counted

    def get(self, path: str, read: Callable[[Reply], Answer], *, token: str | None = None) -> Answer:
        """Ask for `path`, in the name of the caller with that token, and `read` what comes back.

        Raises PeerUnavailable, PeerFailed, PeerTimeout, and what `read` raises; a PeerFailed of its own gives the
        reason that the log line tells. All of it, the wait for a turn and both attempts included, ends within
        `timeouts.call` and within what the request has left for peers.
        """
        here = scope.current()
        here.require_thread()
        deadline = time.monotonic() + min(self._timeouts.call, here.remaining())
        try:
            with self._bulkhead.place(deadline):
                return self._answer(_Question(path, read, token, deadline))
        except Full as error:
            raise PeerUnavailable(self.name, "too-many-calls") from error
        except _OnceMore as last:
            raise last.verdict from last

    def close(self) -> None:
        self._connections.close()

    def _answer(self, asked: _Question[Answer]) -> Answer:
        """The answer to the first attempt, or to the second after a 502, a 503 or a kept connection that ended."""
        try:
            return self._attempt(asked, 1)
        except _OnceMore as first:
            anew = first.anew
            pause = _jittered(PAUSE)
            if time.monotonic() + pause >= asked.deadline:
                raise
        self._pause(pause)
        return self._attempt(asked, 2, anew=anew)

    def _attempt(self, asked: _Question[Answer], attempt: int, *, anew: bool = False) -> Answer:
        begun, status, why = time.monotonic(), None, ""
        here = scope.current()
        span = here.span.child() if here.span else None
        try:
            status, body = self._connections.get(
                asked.path,
                _headers(here.request_id, span, asked.token, attempt),
                deadline=min(asked.deadline, begun + self._timeouts.attempt),
                limit=LARGEST_BODY,
                anew=anew,
            )
            return asked.read(self._reply(status, body))
        except ExchangeError as error:
            status, why = error.status, error.reason
            raise self._verdict(error) from error
        except PeerFailed as error:
            why = error.detail
            raise
        finally:
            self._record(asked.path, attempt, status, begun, why, span)

    def _record(self, path: str, attempt: int, status: int | None, begun: float, why: str, span: Span | None) -> None:
        """`error` only where the status alone does not say what was wrong."""
        milliseconds = round((time.monotonic() - begun) * 1000, 2)
        asked = {"peer": self.name, "method": "GET", "path": path.partition("?")[0], "attempt": attempt}
        write = log.warning if why or status is None or status >= 500 else log.info
        more = {**({"error": why} if why else {}), **(span.fields if span else {})}
        write("peer-call", **asked, peerStatus=status, durationMs=milliseconds, **more)
        self._counted(self.name, status, attempt)

    def _verdict(self, error: ExchangeError) -> PeerError | _OnceMore:
        """What it means that no answer came."""
        if isinstance(error, KeptConnectionClosed):
            return _OnceMore(PeerFailed(self.name, error.reason), anew=True)
        if isinstance(error, NotConnected):
            return PeerUnavailable(self.name, error.reason)
        if isinstance(error, OutOfTime):
            return PeerTimeout(self.name, error.reason)
        return PeerFailed(self.name, error.reason)

    def _reply(self, status: int, body: bytes) -> Reply:
        """What the answer that came means."""
        if status in RETRIED:
            raise _OnceMore(PeerUnavailable(self.name, f"answered {status}"))
        if not (200 <= status < 300 or 400 <= status < 500):
            raise PeerFailed(self.name, UNEXPECTED)
        return Reply(status, self._object(body))

    def _object(self, body: bytes) -> Mapping[str, Any]:
        try:
            content = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise PeerFailed(self.name, "not-json") from error
        if not isinstance(content, dict):
            raise PeerFailed(self.name, "not-an-object")
        return content


def _headers(request_id: str, span: Span | None, token: str | None, attempt: int) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "User-Agent": "gateproof",
        "X-Retry-Attempt": str(attempt),
        "X-Request-Start": f"t={time.time():.3f}",
    }
    if request_id:
        headers["X-Request-ID"] = request_id
    if span:
        headers["traceparent"] = span.traceparent
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _jittered(seconds: float) -> float:
    """`seconds`, more or less JITTER of it, so that callers do not come back in step."""
    return seconds * secrets.SystemRandom().uniform(1 - JITTER, 1 + JITTER)
