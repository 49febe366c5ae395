"""The OpenAPI 3.1 document of a service, made from the contracts of its routes and the models that validate."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema

from services.common import problems
from services.common.bodies import Schema
from services.common.contracts import Contract, contract_of
from services.common.errors import (
    BodyTooLarge,
    Forbidden,
    Invalid,
    MalformedBody,
    PeerFailed,
    PeerTimeout,
    PeerUnavailable,
    ServiceError,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)

Json = dict[str, Any]
REF = "#/components/schemas/{model}"
REQUEST_ID: Json = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
HEADERS: Json = {
    "X-Request-ID": {"description": "The ID of this request in every log line.", "schema": {"type": "string"}},
    "Location": {"description": "The path of what was made.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds until it is worth trying again.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "How to authenticate: Bearer.", "schema": {"type": "string"}},
}


class FieldProblem(Schema):
    """One thing wrong with a request."""

    pointer: str = Field(examples=["/size/width"])
    message: str = Field(examples=["input should be greater than or equal to 0"])


class Problem(Schema):
    """RFC 9457: what every error answers."""

    type: str = Field(pattern=r"^urn:problem:[a-z-]+$")
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldProblem] = Field(default=[], description="Everything wrong with the request, on a 422 alone.")


def document(service: str, routes: Iterable[Any], issuer: str | None = None) -> Json:
    """The document as JSON values; hidden routes are left out. `issuer`: the peer that has the keys to the tokens."""
    shown = [(route, contract_of(route)) for route in routes if not contract_of(route).hidden]
    paths: defaultdict[str, Json] = defaultdict(dict)
    for route, contract in shown:
        paths[_path(route.rule)][route.method.lower()] = _operation(route, contract, issuer)
    return {
        "openapi": "3.1.0",
        "info": {"title": service, "version": "1.0.0"},
        "paths": dict(paths),
        "components": {
            "schemas": _schemas(contract for _, contract in shown),
            "headers": HEADERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def text(document: Json) -> str:
    return json.dumps(document, indent=2)


def _path(rule: str) -> str:
    return re.sub(r"<(\w+)>", lambda found: f"{{{to_camel(found[1])}}}", rule)


def _operation(route: Any, contract: Contract, issuer: str | None) -> Json:
    operation: Json = {
        "operationId": route.callback.__name__,
        "summary": contract.summary,
        "parameters": [*_path_parameters(route.rule), *_query_parameters(contract), *_header_parameters(contract)],
        "responses": {**dict(_answers(contract)), **_problems(contract, issuer)},
    }
    if contract.takes:
        operation["requestBody"] = {"required": True, "content": {"application/json": _reference(contract.takes)}}
    if contract.auth:
        operation["security"] = [{"token": []}]
    return operation


def _path_parameters(rule: str) -> Iterator[Json]:
    for name in re.findall(r"<(\w+)>", rule):
        yield {"name": to_camel(name), "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(contract: Contract) -> Iterator[Json]:
    schema = contract.query.model_json_schema() if contract.query else {}
    for name, value in schema.get("properties", {}).items():
        yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": value}


def _header_parameters(contract: Contract) -> Iterator[Json]:
    for name, schema in contract.headers.items():
        yield {"name": name, "in": "header", "required": False, "schema": dict(schema)}


def _answers(contract: Contract) -> Iterator[tuple[str, Json]]:
    for status, model in contract.answers.items():
        headers = {**REQUEST_ID, **(_headers("Location") if status == 201 else {})}
        content = {"application/json": _reference(model)}
        yield str(status), {"description": "Done.", "headers": headers, "content": content}


def _problems(contract: Contract, issuer: str | None) -> dict[str, Json]:
    by_status: defaultdict[str, list[problems.Problem]] = defaultdict(list)
    for error in (*_implied(contract, issuer), *contract.problems):
        problem = problems.of(error)
        by_status[str(problem.status.value)].append(problem)
    return {status: _problem(by_status[status]) for status in sorted(by_status)}


def _implied(contract: Contract, issuer: str | None) -> Iterator[ServiceError]:
    if contract.auth:
        yield Unauthenticated()
        yield from (kind(issuer) for kind in (PeerUnavailable, PeerFailed, PeerTimeout) if issuer)
    if isinstance(contract.auth, str):
        yield Forbidden()
    if contract.takes:
        yield from (MalformedBody(), BodyTooLarge(), UnsupportedMediaType())
    if contract.takes or contract.query or contract.headers:
        yield Invalid()
    yield from (ServiceError(), Unavailable())


def _problem(alternatives: list[problems.Problem]) -> Json:
    headers = {name: None for problem in alternatives for name, _ in problem.headers}
    examples = {problem.code: {"value": json.loads(problem.body("5f0c6d1e8a9b4c7d"))} for problem in alternatives}
    content = {problems.MEDIA_TYPE: {**_reference(Problem), "examples": examples}}
    description = " · ".join(examples)
    return {"description": description, "headers": {**REQUEST_ID, **_headers(*headers)}, "content": content}


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _reference(model: type[BaseModel]) -> Json:
    return {"schema": {"$ref": REF.format(model=model.__name__)}}


def _schemas(contracts: Iterable[Contract]) -> Json:
    taken: dict[type[BaseModel], Any] = {Problem: "serialization"}
    for contract in contracts:
        taken |= dict.fromkeys(contract.answers.values(), "serialization")
        taken |= {contract.takes: "validation"} if contract.takes else {}
    _, schema = models_json_schema(list(taken.items()), by_alias=True, ref_template=REF)
    definitions: Json = schema["$defs"]
    return definitions
