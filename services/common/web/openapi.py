"""The OpenAPI 3.1 document of a service, made from the contracts of its routes and the models that validate."""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from services.common.web import responses
from services.common.web.contracts import Contract, contract_of
from services.common.web.samples import Json, sample

TOKEN: Json = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token; where a role is named, that of a caller who has it.",
}


class Untitled(GenerateJsonSchema):
    """Schemas in which a field's title does not repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def document(service: str, routes: Iterable[Any], issuer: str | None = None) -> Json:
    """The document as JSON values; hidden routes are left out. `issuer`: the peer that has the keys to the tokens.

    Raises LookupError where a model that is sent or answered has a field without an example.
    """
    shown = [(route, contract_of(route)) for route in routes if not contract_of(route).hidden]
    schemas = _schemas(contract for _, contract in shown)
    paths: defaultdict[str, Json] = defaultdict(dict)
    for route, contract in shown:
        operation = {"tags": [service], **_operation(route, contract, schemas, issuer)}
        paths[_path(route.rule)][route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": service, "version": "1.0.0"},
        "paths": dict(paths),
        "components": {"schemas": schemas, "headers": responses.HEADERS, "securitySchemes": {"token": TOKEN}},
    }


def text(document: Json) -> str:
    return json.dumps(document, indent=2)


def _path(rule: str) -> str:
    return re.sub(r"<(\w+)>", lambda found: f"{{{to_camel(found[1])}}}", rule)


def _operation(route: Any, contract: Contract, schemas: Mapping[str, Json], issuer: str | None) -> Json:
    operation: Json = {"operationId": to_camel(route.callback.__name__), "summary": contract.summary}
    if told := _told(route, contract):
        operation["description"] = told
    operation["security"] = _security(contract)
    operation["parameters"] = [*_in_path(route.rule, contract), *_in_query(contract), *_in_headers(contract)]
    if contract.takes:
        operation["requestBody"] = {"required": True, "content": _content(contract.takes, schemas)}
    operation["responses"] = {**dict(_answers(contract, schemas)), **responses.problems(contract, issuer)}
    return operation


def _told(route: Any, contract: Contract) -> str:
    """What the handler says, and the role, which readers of a page would not see in `security`."""
    role = f"Needs the role `{contract.auth}`." if isinstance(contract.auth, str) else ""
    return "\n\n".join(filter(None, (inspect.getdoc(route.callback), role)))


def _security(contract: Contract) -> list[Json]:
    """What 3.1 allows for a bearer token too: the roles that it needs."""
    if not contract.auth:
        return []
    return [{"token": [contract.auth] if isinstance(contract.auth, str) else []}]


def _in_path(rule: str, contract: Contract) -> Iterator[Json]:
    for name in re.findall(r"<(\w+)>", rule):
        yield _parameter(to_camel(name), "path", {"type": "string", **contract.segments.get(name, {})}, required=True)


def _in_query(contract: Contract) -> Iterator[Json]:
    schema = contract.query.model_json_schema(schema_generator=Untitled) if contract.query else {}
    for name, value in schema.get("properties", {}).items():
        yield _parameter(name, "query", _given(value), required=name in schema.get("required", ()))


def _in_headers(contract: Contract) -> Iterator[Json]:
    for name, schema in contract.headers.items():
        yield _parameter(name, "header", schema, required=False)


def _parameter(name: str, where: str, schema: Mapping[str, Any], *, required: bool) -> Json:
    """What the schema says about the value as a whole belongs to the parameter."""
    value = {key: one for key, one in schema.items() if key not in ("description", "examples")}
    said = {"description": schema["description"]} if "description" in schema else {}
    shown = {"example": schema["examples"][0]} if "examples" in schema else {}
    return {"name": name, "in": where, "required": required, **said, "schema": value, **shown}


def _given(schema: Json) -> Json:
    """A field of a query that may be None is one that may be left out; there is no null in a query."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{key: value for key, value in schema.items() if key not in ("anyOf", "default")}}


def _answers(contract: Contract, schemas: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for status, model in contract.answers.items():
        headers = responses.headers("X-Request-ID", *(["Location"] if contract.located else []))
        yield (
            str(status),
            {
                "description": HTTPStatus(status).phrase,
                "headers": headers,
                "content": _content(model, schemas),
            },
        )


def _content(model: type[Any], schemas: Mapping[str, Json]) -> Json:
    reference = responses.reference(model)
    return {"application/json": {"schema": reference, "example": sample(reference, schemas)}}


def _schemas(contracts: Iterable[Contract]) -> Json:
    taken: dict[Any, JsonSchemaMode] = {responses.Problem: "serialization"}
    for contract in contracts:
        taken |= dict.fromkeys(contract.answers.values(), "serialization")
        taken |= {contract.takes: "validation"} if contract.takes else {}
    models = [(model, mode, TypeAdapter(model)) for model, mode in taken.items()]
    _, schema = TypeAdapter.json_schemas(models, by_alias=True, ref_template=responses.REF, schema_generator=Untitled)
    definitions: Json = schema["$defs"]
    return definitions
