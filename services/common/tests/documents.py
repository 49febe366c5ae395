"""What the OpenAPI document of every service holds."""

from collections.abc import Iterator
from typing import Any

from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from services.common.web.app import App
from services.common.web.contracts import contract_of
from services.common.web.samples import Json

INTERNAL = {"/livez", "/readyz", "/metrics", "/openapi.json"}


def check(app: App) -> None:
    """Valid, complete, and each of its examples is one that its own schema allows."""
    document = app.document()
    validate(document)
    _tells_of_every_route(app, document)
    for name, operation in _operations(document):
        _is_told(name, operation)
        for place, value, schema in (*_sent_and_answered(operation), *_asked_with(operation)):
            whole = {**schema, "components": document["components"]}
            wrong = [error.message for error in OAS31Validator(whole).iter_errors(value)]
            assert not wrong, (name, place, wrong)


def _is_told(name: str, operation: Json) -> None:
    assert operation["summary"], name
    for status, answer in operation["responses"].items():
        assert "X-Request-ID" in answer["headers"], (name, status)


def _tells_of_every_route(app: App, document: Json) -> None:
    told = [
        (operation["operationId"], path)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    ]
    assert len(told) + len(INTERNAL) == len(app.routes), "a route is missing"
    assert {route.rule for route in app.routes if contract_of(route).hidden} == INTERNAL
    assert len({name for name, _ in told}) == len(told), "two operations have the same name"


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for methods in document["paths"].values():
        for operation in methods.values():
            yield operation["operationId"], operation


def _sent_and_answered(operation: Json) -> Iterator[tuple[str, Any, Json]]:
    """Place, example and schema of the body, and of each answer."""
    said = {"body": operation.get("requestBody", {}), **operation["responses"]}
    for place, one in said.items():
        for media in one.get("content", {}).values():
            examples = [value["value"] for value in media["examples"].values()] if "examples" in media else []
            for example in examples or [media["example"]]:
                yield place, example, media["schema"]


def _asked_with(operation: Json) -> Iterator[tuple[str, Any, Json]]:
    """The same of what goes into the path, which cannot be left out, and of what else has an example."""
    for parameter in operation["parameters"]:
        if parameter["in"] == "path" or "example" in parameter:
            yield parameter["name"], parameter["example"], parameter["schema"]
