"""The problems among an API's answers: the gateway's own added to each operation's, and each kind said once."""

from collections.abc import Mapping
from typing import Any

from ops.checks.reference.joining import Json, operations

PROBLEM = "application/problem+json"


def add(paths: Json, problems: Mapping[str, Json]) -> None:
    """Let every operation answer these too, by status; 404 only where the path has something to be filled in."""
    for path, methods in paths.items():
        for operation in operations({path: methods}):
            for status, response in problems.items():
                if status != "404" or "{" in path:
                    operation["responses"][status] = _both(operation["responses"].get(status), response)
            operation["responses"] = dict(sorted(operation["responses"].items()))


def share(document: Json) -> None:
    """Move each problem answer to the components, where it is named after the codes that it may have."""
    shared: Json = document["components"].setdefault("responses", {})
    for operation in operations(document["paths"]):
        for status, response in operation["responses"].items():
            if PROBLEM in response.get("content", {}):
                name = ".".join(_examples(response))
                assert shared.setdefault(name, response) == response, f"two answers are called {name}"  # noqa: S101
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    document["components"]["responses"] = dict(sorted(shared.items()))


def _both(one: Json | None, other: Json) -> Json:
    if one is None:
        return other
    examples = {**_examples(other), **_examples(one)}
    content = {**one["content"][PROBLEM], "examples": examples}
    return {
        "description": " · ".join(examples),
        "headers": {**other["headers"], **one["headers"]},
        "content": {PROBLEM: content},
    }


def _examples(response: Json) -> dict[str, Any]:
    return dict(response["content"][PROBLEM]["examples"])
