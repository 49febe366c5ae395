"""What belongs to one request and is asked for everywhere: its ID, its span, and how long it may still take."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from services.common.runtime.timeouts import TIMEOUTS
from services.common.runtime.trace_context import Span

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


class NeedsThread(BaseException):
    """The request cannot be answered in the server's loop: it starts again, from the beginning, in a thread.

    No Exception, as it is no failure: nothing on its way out may answer it, log it or count it.
    """


@dataclass(frozen=True, slots=True)
class Scope:
    """`deadline`: when peers must have answered, on the monotonic clock; `waited`: seconds from the gateway to here.

    `in_loop`: it runs in the server's loop, where it keeps every other request waiting, and so may wait for nothing
    that takes more than a moment.
    Outside of a request (commands, start-up) the ID is empty, and there is neither span nor deadline.
    """

    request_id: str = ""
    deadline: float = float("inf")
    waited: float = 0.0
    in_loop: bool = False
    span: Span | None = None

    def remaining(self) -> float:
        """Seconds left for calls to peers, never negative."""
        return max(0.0, self.deadline - time.monotonic())

    def left(self) -> float:
        """Seconds left for the whole answer, the wait for the database included, never negative; none in the loop."""
        if self.in_loop:
            return 0.0
        return max(0.0, self.deadline + TIMEOUTS.handler - TIMEOUTS.peers - time.monotonic())

    @property
    def fields(self) -> dict[str, str | None]:
        """The fields of a log line."""
        own: dict[str, str | None] = {"requestId": self.request_id or None}
        return own | self.span.fields if self.span else own

    def require_thread(self) -> None:
        """Raises NeedsThread in the loop; called before what waits for anything, or takes more than a moment."""
        if self.in_loop:
            raise NeedsThread


NO_REQUEST = Scope()
_current: ContextVar[Scope] = ContextVar("scope", default=NO_REQUEST)


def current() -> Scope:
    return _current.get()


def begin(request_id: str | None, waited: float | None, *, span: Span | None = None, in_loop: bool = False) -> Scope:
    """The scope of a request with that X-Request-ID, which was sent `waited` seconds ago, if anybody knows.

    Without a `span` it begins a trace.
    """
    waited = waited or 0.0
    deadline = time.monotonic() + TIMEOUTS.peers - waited
    own = fit_request_id(request_id) or fresh_request_id()
    return Scope(own, deadline, waited, in_loop, span or Span.begin(None))


def fit_request_id(given: str | None) -> str | None:
    """`given` if it is fit to be a request ID."""
    return given if given and REQUEST_ID.fullmatch(given) else None


def fresh_request_id() -> str:
    return secrets.token_hex(16)


@contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    """Make `scope` the current one for the block."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)
