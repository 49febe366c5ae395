"""Errors as answers: the one table from error class to HTTP status, and the RFC 9457 body they all leave in."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from services.common import errors

MEDIA_TYPE = "application/problem+json"
INTERNAL = HTTPStatus.INTERNAL_SERVER_ERROR

# Each class of the tree: its status, and what the caller reads where the raiser said nothing or nothing for outside.
TABLE: dict[type[errors.ServiceError], tuple[HTTPStatus, str]] = {
    errors.ServiceError: (INTERNAL, "The request failed on our side; the request ID leads to the reason."),
    errors.MalformedBody: (HTTPStatus.BAD_REQUEST, "The body is not well-formed JSON."),
    errors.Unauthenticated: (HTTPStatus.UNAUTHORIZED, "A valid access token is needed: Authorization: Bearer <token>."),
    errors.Forbidden: (HTTPStatus.FORBIDDEN, "This caller may not do that."),
    errors.NotFound: (HTTPStatus.NOT_FOUND, "There is nothing of that name here."),
    errors.MethodNotAllowed: (HTTPStatus.METHOD_NOT_ALLOWED, "The Allow header names the methods that this path has."),
    errors.Conflict: (HTTPStatus.CONFLICT, "The request is at odds with what is there."),
    errors.BodyTooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than what is accepted."),
    errors.UnsupportedMediaType: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json."),
    errors.Invalid: (HTTPStatus.UNPROCESSABLE_ENTITY, "The request is well-formed, but not valid."),
    errors.TooManyRequests: (HTTPStatus.TOO_MANY_REQUESTS, "Too many attempts; Retry-After says when to come again."),
    errors.Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "The service cannot answer now; try again shortly."),
    errors.OutcomeUnknown: (
        HTTPStatus.GATEWAY_TIMEOUT,
        "The database went away before it said whether this is done: look, or repeat it with its Idempotency-Key.",
    ),
    errors.PeerError: (HTTPStatus.BAD_GATEWAY, "A service that is needed for this failed."),
    errors.PeerUnavailable: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "A service that is needed for this cannot be reached now.",
    ),
    errors.PeerFailed: (HTTPStatus.BAD_GATEWAY, "A service that is needed for this gave an answer of no use."),
    errors.PeerTimeout: (HTTPStatus.GATEWAY_TIMEOUT, "A service that is needed for this did not answer in time."),
}

# What the server refuses by itself, by its status.
_REFUSED: dict[int, tuple[HTTPStatus, str, str]] = {
    400: (HTTPStatus.BAD_REQUEST, "bad-request", "The request is not well-formed HTTP."),
    413: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", TABLE[errors.BodyTooLarge][1]),
    431: (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large", "The headers are larger than accepted."),
    501: (HTTPStatus.NOT_IMPLEMENTED, "not-implemented", "That transfer coding is not supported."),
}


@dataclass(frozen=True)
class Problem:
    """One RFC 9457 answer; `private` is what only the log may know."""

    status: HTTPStatus
    code: str
    detail: str
    faults: tuple[errors.FieldError, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    private: str = field(default="", compare=False)

    @property
    def status_line(self) -> str:
        return f"{self.status.value} {self.status.phrase}"

    @property
    def title(self) -> str:
        return self.code.replace("-", " ").capitalize()

    def body(self, request_id: str) -> bytes:
        """The JSON body: type, title, status, detail, requestId and, where there are any, errors."""
        members: dict[str, object] = {
            "type": f"urn:problem:{self.code}",
            "title": self.title,
            "status": self.status.value,
            "detail": self.detail,
            "requestId": request_id,
        }
        if self.faults:
            members["errors"] = [{"pointer": wrong.pointer, "message": wrong.message} for wrong in self.faults]
        return json.dumps(members, separators=(",", ":")).encode()

    def all_headers(self, body: bytes) -> list[tuple[str, str]]:
        return [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(body))), *self.headers]


def row(kind: type[errors.ServiceError]) -> tuple[HTTPStatus, str]:
    """Status and standard detail of an error class: its own row, else that of the class it is made from."""
    return next(TABLE[ancestor] for ancestor in kind.__mro__ if ancestor in TABLE)


def of(error: Exception) -> Problem:
    """The answer that an error leaves as; what is no ServiceError is an internal-error and says nothing outside."""
    if not isinstance(error, errors.ServiceError):
        return Problem(INTERNAL, "internal-error", TABLE[errors.ServiceError][1], private=type(error).__name__)
    status, standard = row(type(error))
    hidden = error.code == errors.Unauthenticated.code or status >= INTERNAL
    detail = standard if hidden or not error.detail else error.detail
    return Problem(status, error.code, detail, error.errors, tuple(_headers(error)), error.detail if hidden else "")


def refused(status: int) -> Problem:
    """The answer to what the server itself refused with this status."""
    return Problem(*_REFUSED[status]) if status in _REFUSED else of(errors.ServiceError())


def _headers(error: errors.ServiceError) -> Iterable[tuple[str, str]]:
    if isinstance(error, errors.MethodNotAllowed):
        yield "Allow", error.allow
    if isinstance(error, errors.Unauthenticated):
        yield "WWW-Authenticate", "Bearer"
    if error.retry_after is not None:
        yield "Retry-After", str(error.retry_after)
