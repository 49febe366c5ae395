"""What a handler gives back when all went well."""

from dataclasses import dataclass, field
from http import HTTPStatus

from pydantic import BaseModel


@dataclass(frozen=True)
class Answer:
    """A status, the model that becomes the JSON body, and further headers."""

    status: HTTPStatus
    model: BaseModel
    headers: dict[str, str] = field(default_factory=dict)


def ok(model: BaseModel) -> Answer:
    return Answer(HTTPStatus.OK, model)


def created(model: BaseModel, *, location: str | None = None) -> Answer:
    """201; `location` is the path of what was made (RFC 9110, 15.3.2)."""
    return Answer(HTTPStatus.CREATED, model, {"Location": location} if location else {})
