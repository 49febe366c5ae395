"""Every error a service answers with, as one tree; `problems` gives each its HTTP status.

ServiceError
├── MalformedBody · BodyTooLarge · UnsupportedMediaType     the body could not be read
├── Unauthenticated · Forbidden                             who asks
├── NotFound · MethodNotAllowed · Conflict · Invalid        what is asked
├── TooManyRequests · Unavailable                           not now; both say when to come again
│   └── OutcomeUnknown                                      the database went away before it said whether it is done
└── PeerError                                               another service let us down
    ├── PeerUnavailable                                     it cannot be reached, or says so twice
    ├── PeerFailed                                          it answered, and the answer is of no use
    └── PeerTimeout                                         it did not answer within the deadline

SettingsError and DatabaseLost are none of them: with them, a service does not even start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with a request: a JSON pointer (`/size/width`, `/limit`) and what is wrong there."""

    pointer: str
    message: str


class ServiceError(Exception):
    """The request cannot be answered as asked: `urn:problem:<code>`, to be tried again after `retry_after` seconds."""

    code: str = "internal-error"
    default_retry_after: ClassVar[int | None] = None

    def __init__(
        self, code: str = "", detail: str = "", *, retry_after: int | None = None, errors: Sequence[FieldError] = ()
    ) -> None:
        self.code = code or self.code
        self.detail = detail
        self.retry_after = self.default_retry_after if retry_after is None else retry_after
        self.errors = tuple(errors)
        super().__init__(": ".join(filter(None, (self.code, detail))))


class MalformedBody(ServiceError):
    code = "malformed-body"


class BodyTooLarge(ServiceError):
    code = "body-too-large"


class UnsupportedMediaType(ServiceError):
    code = "unsupported-media-type"


class Unauthenticated(ServiceError):
    """Whatever is wrong with the token, the answer is the same; `detail` is for the log alone."""

    code = "unauthenticated"


class Forbidden(ServiceError):
    code = "forbidden"


class NotFound(ServiceError):
    code = "not-found"


class MethodNotAllowed(ServiceError):
    """The path exists, the method does not; `allow` is the value of the Allow header (RFC 9110, 15.5.6)."""

    code = "method-not-allowed"

    def __init__(self, allow: str, detail: str = "") -> None:
        super().__init__(detail=detail)
        self.allow = allow


class Conflict(ServiceError):
    code = "conflict"


class Invalid(ServiceError):
    """Well-formed, but not valid; `errors` names everything that is wrong at once."""

    code = "validation-failed"


class TooManyRequests(ServiceError):
    code = "too-many-attempts"
    default_retry_after = 1


class Unavailable(ServiceError):
    code = "unavailable"
    default_retry_after: ClassVar[int | None] = 1


class OutcomeUnknown(Unavailable):
    """All of it was kept, or nothing: nobody knows which."""

    code = "outcome-unknown"
    default_retry_after = None


class PeerError(ServiceError):
    """The service named `peer` let us down; the code is `<peer>-<ending>`."""

    ending: ClassVar[str] = "failed"

    def __init__(self, peer: str, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(f"{peer}-{self.ending}", detail, retry_after=retry_after)
        self.peer = peer


class PeerUnavailable(PeerError):
    ending = "unavailable"
    default_retry_after = 1


class PeerFailed(PeerError):
    ending = "failed"


class PeerTimeout(PeerError):
    ending = "timeout"


class DatabaseLost(Exception):
    """There was a database, and it is gone. An empty one in its place would hide that."""


class SchemaUnfit(Exception):
    """The tables are not those that the service needs, or cannot become so."""


class SettingsError(Exception):
    """One or more settings are missing or wrong; the text has one line for each and shows no value."""
