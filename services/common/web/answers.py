"""What a handler gives back when all went well."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple


class Answer(NamedTuple):
    """A status, the JSON body and further headers. The body is a TypedDict: mypy holds it to the schema that OpenAPI
    shows, so that nothing has to while a request waits.
    """

    status: HTTPStatus
    body: Mapping[str, object]
    headers: Mapping[str, str] = {}


def ok(body: Mapping[str, object]) -> Answer:
    return Answer(HTTPStatus.OK, body)


def created(body: Mapping[str, object], *, location: str | None = None) -> Answer:
    """201; `location` is the path of what was made (RFC 9110, 15.3.2)."""
    return Answer(HTTPStatus.CREATED, body, {"Location": location} if location else {})
