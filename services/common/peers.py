"""Calls to other services: one deadline, one retry of a read, a verdict on every answer."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic_core import from_json
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as TimedOut

from services.common import scope
from services.common.bulkhead import Bulkhead, Full
from services.common.connections import Connections
from services.common.errors import PeerError, PeerFailed, PeerTimeout, PeerUnavailable
from services.common.timeouts import TIMEOUTS, Timeouts

PLACES = 5
PATIENCE = 0.2
LARGEST_BODY = 1024 * 1024
RETRIED = (502, 503)
PAUSE = 0.05
JITTER = 0.5

log = structlog.get_logger()


@dataclass(frozen=True)
class Reply:
    """What a peer answered: a status of 2xx or 4xx, and the JSON object in the body."""

    status: int
    body: Mapping[str, Any]


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

    def get(self, path: str, *, token: str | None = None) -> Reply:
        """Ask for `path`, in the name of the caller with that token. Raises PeerUnavailable, PeerFailed, PeerTimeout.

        All of it, the wait for a turn and both attempts included, ends within `timeouts.call` and within what the
        request has left for peers.
        """
        deadline = time.monotonic() + min(self._timeouts.call, scope.current().remaining())
        try:
            with self._bulkhead.place(deadline):
                return self._reply(*self._answer(path, token, deadline))
        except Full as error:
            raise PeerUnavailable(self.name, "too many calls at once") from error

    def close(self) -> None:
        self._connections.close()

    def _answer(self, path: str, token: str | None, deadline: float) -> tuple[int, bytes]:
        """The answer to the first attempt, or to the second if the first was a 502 or 503."""
        answer = self._attempt(path, token, 1, deadline)
        pause = _jittered(PAUSE)
        if answer[0] in RETRIED and time.monotonic() + pause < deadline:
            self._pause(pause)
            answer = self._attempt(path, token, 2, deadline)
        return answer

    def _attempt(self, path: str, token: str | None, attempt: int, deadline: float) -> tuple[int, bytes]:
        begun = time.monotonic()
        try:
            status, body = self._connections.get(
                path,
                _headers(token, attempt),
                deadline=min(deadline, begun + self._timeouts.attempt),
                limit=LARGEST_BODY,
            )
        except (HTTPError, OSError) as error:
            self._record(attempt, None, begun, error=type(error).__name__)
            raise self._verdict(error) from error
        self._record(attempt, status, begun)
        return status, body

    def _record(self, attempt: int, status: int | None, begun: float, **more: str) -> None:
        milliseconds = round((time.monotonic() - begun) * 1000, 2)
        write = log.warning if status is None or status >= 500 else log.info
        write("peer-call", peer=self.name, attempt=attempt, peerStatus=status, durationMs=milliseconds, **more)
        self._counted(self.name, status, attempt)

    def _verdict(self, error: Exception) -> PeerError:
        """What it means that no answer came."""
        detail = type(error).__name__
        if isinstance(error, NewConnectionError):
            return PeerUnavailable(self.name, detail)
        if isinstance(error, TimedOut | TimeoutError):
            return PeerTimeout(self.name, detail)
        return PeerFailed(self.name, detail)

    def _reply(self, status: int, body: bytes) -> Reply:
        """What the answer that came means."""
        if status in RETRIED:
            raise PeerUnavailable(self.name, f"answered {status}")
        if not (200 <= status < 300 or 400 <= status < 500):
            raise PeerFailed(self.name, f"answered {status}")
        return Reply(status, self._object(body))

    def _object(self, body: bytes) -> Mapping[str, Any]:
        try:
            content = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise PeerFailed(self.name, "not JSON") from error
        if not isinstance(content, dict):
            raise PeerFailed(self.name, "not a JSON object")
        return content


def _headers(token: str | None, attempt: int) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "User-Agent": "gateproof",
        "X-Retry-Attempt": str(attempt),
        "X-Request-Start": f"t={time.time():.3f}",
    }
    if request_id := scope.current().request_id:
        headers["X-Request-ID"] = request_id
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _jittered(seconds: float) -> float:
    """`seconds`, more or less JITTER of it, so that callers do not come back in step."""
    return seconds * secrets.SystemRandom().uniform(1 - JITTER, 1 + JITTER)
