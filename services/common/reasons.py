"""Why no usable answer came from a peer, in words that its log lines keep whatever library makes the connection."""

from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ProtocolError
from urllib3.exceptions import TimeoutError as TimedOut


class KeptConnectionClosed(ProtocolError):
    """A connection kept from earlier calls ended before a byte of the answer: nobody may have heard the question."""


WORDS: tuple[tuple[type[Exception], str], ...] = (
    (KeptConnectionClosed, "kept-connection-closed"),
    (NameResolutionError, "name-not-found"),
    (NewConnectionError, "not-connected"),
    (ConnectTimeoutError, "not-connected-in-time"),
    (TimedOut, "no-answer-in-time"),
    (TimeoutError, "no-answer-in-time"),
)


class Unusable(ProtocolError):
    """An answer began with that `status`, and its body did not come as promised: `reason` says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


def reason(error: Exception) -> str:
    """One word or a few, joined by dashes: the one of `WORDS`, else `hung-up` or `not-http`."""
    if isinstance(error, Unusable):
        return error.reason
    cause = error.args[-1] if isinstance(error, ProtocolError) else error
    ending = "hung-up" if isinstance(cause, OSError) else "not-http"
    return next((word for kind, word in WORDS if isinstance(error, kind)), ending)
