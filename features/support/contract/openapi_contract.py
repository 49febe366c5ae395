"""The document of the API, which every answer to a request that it tells of has to keep."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from openapi_schema_validator import OAS31Validator

from features.support.answers import Answer
from ops.api import ROOT

Json = Mapping[str, Any]
INJECTED = "injected-fault"


def keep(method: str, path: str, answer: Answer) -> None:
    """Assert that the answer is one that the document tells of.

    Free are a method or path that it does not know, and what a fault answers in the place of a service.
    """
    operation = _operation(method, path.partition("?")[0])
    if operation is not None and answer.code != INJECTED:
        told = operation["responses"].get(str(answer.status))
        assert told, f"the document does not tell of {answer.status} to {method} {path}: {answer}"
        _keeps(answer, _resolved(told))


def _keeps(answer: Answer, told: Json) -> None:
    for name, header in told["headers"].items():
        assert answer.all(name) or not _resolved(header).get("required"), f"{name} is missing: {answer}"
    ((media_type, media),) = told["content"].items()
    assert answer.header("Content-Type") == media_type, f"it should be {media_type}: {answer}"
    wrong = [
        f"{error.json_path}: {error.message}"
        for error in _validator(json.dumps(media["schema"])).iter_errors(answer.json())
    ]
    assert not wrong, f"not what the document says: {'; '.join(wrong)}: {answer}"
    assert not answer.code or answer.code in media["examples"], f"the document does not tell of {answer.code}: {answer}"


@cache
def _document() -> Any:
    return json.loads((ROOT / "gateway" / "docs" / "openapi.json").read_text(encoding="utf-8"))


def _operation(method: str, path: str) -> Json | None:
    for template, methods in _document()["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            operation: Json | None = methods.get(method.lower())
            return operation
    return None


def _resolved(one: Json) -> Json:
    """What it refers to, if it does."""
    if "$ref" not in one:
        return one
    _, _, section, name = one["$ref"].split("/")
    resolved: Json = _document()["components"][section][name]
    return resolved


@cache
def _validator(schema: str) -> Any:
    return OAS31Validator({**json.loads(schema), "components": _document()["components"]})
