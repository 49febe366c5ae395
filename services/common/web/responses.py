"""The refusals of a route, as OpenAPI describes them: every problem, with its headers and an example."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from services.common.errors import (
    BodyTooLarge,
    Forbidden,
    Invalid,
    MalformedBody,
    OutcomeUnknown,
    PeerUnavailable,
    ServiceError,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from services.common.web import bodies
from services.common.web.bodies import Schema
from services.common.web.contracts import Contract
from services.common.web.problems import MEDIA_TYPE, of
from services.common.web.problems import Problem as Answered
from services.common.web.samples import Json

REF = "#/components/schemas/{model}"
EXAMPLE_ID = "5f0c6d1e8a9b4c7d"
HEADERS: Json = {
    "X-Request-ID": {
        "description": "The ID of this request in every log line: the one that it was sent with, or a new one.",
        "required": True,
        "schema": {"type": "string"},
        "example": EXAMPLE_ID,
    },
    "Location": {
        "description": "The path of what was made.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "Seconds until it is worth trying again.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 1,
    },
    "WWW-Authenticate": {
        "description": "How to authenticate.",
        "required": True,
        "schema": {"const": "Bearer"},
        "example": "Bearer",
    },
}


class FieldProblem(Schema):
    """One thing wrong with a request."""

    pointer: str = Field(description="Where it is wrong (RFC 6901).", examples=["/size/width"])
    message: str = Field(examples=["input should be greater than or equal to 0"])


class Problem(Schema):
    """RFC 9457: what every error answers."""

    type: str = Field(pattern=r"^urn:problem:[a-z-]+$", examples=["urn:problem:validation-failed"])
    title: str = Field(examples=["Validation failed"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The request is well-formed, but not valid."])
    request_id: str = Field(examples=[EXAMPLE_ID])
    errors: list[FieldProblem] = Field(default=[], description="Everything wrong with the request, on a 422 alone.")


def problems(contract: Contract, issuer: str | None) -> dict[str, Json]:
    """By status, all that it promises and all that follows from the rest of it; `issuer` as in `openapi.document`."""
    by_status: defaultdict[str, list[Answered]] = defaultdict(list)
    for error in (*_implied(contract, issuer), *contract.problems):
        problem = of(error)
        by_status[str(problem.status.value)].append(problem)
    return {status: _problem(by_status[status]) for status in sorted(by_status)}


def headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def reference(model: type[Any]) -> Json:
    return {"$ref": REF.format(model=model.__name__)}


def _implied(contract: Contract, issuer: str | None) -> Iterator[ServiceError]:
    if contract.auth:
        yield Unauthenticated()
    if contract.auth and issuer:
        yield PeerUnavailable(issuer)
    if isinstance(contract.auth, str):
        yield Forbidden()
    if contract.takes:
        yield from (MalformedBody(), BodyTooLarge(), UnsupportedMediaType(), OutcomeUnknown())
    if contract.takes or contract.query or contract.headers:
        yield _invalid(contract)
    yield from (ServiceError(), Unavailable())


def _invalid(contract: Contract) -> Invalid:
    """What is really said of an empty body, or of a query in which everything is empty."""
    if model := contract.takes or contract.query:
        empty = {} if contract.takes else {str(field.alias): "" for field in model.model_fields.values()}
        try:
            bodies.validated(model, empty)
        except Invalid as said:
            return said
    return Invalid()


def _problem(alternatives: list[Answered]) -> Json:
    names = {name: None for problem in alternatives for name, _ in problem.headers}
    examples = {problem.code: {"value": json.loads(problem.body(EXAMPLE_ID))} for problem in alternatives}
    content = {MEDIA_TYPE: {"schema": reference(Problem), "examples": examples}}
    return {"description": " · ".join(examples), "headers": headers("X-Request-ID", *names), "content": content}
