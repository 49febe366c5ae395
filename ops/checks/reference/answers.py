"""The problems among an API's answers: the gateway's own added to each operation's, and each kind said once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
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
    """Move each problem answer that is the same everywhere to the components, named after the codes it may have."""
    places = list(_places(document["paths"]))
    variants: defaultdict[str, list[Json]] = defaultdict(list)
    for responses, status in places:
        known = variants[_name(responses[status])]
        known.extend([responses[status]] if responses[status] not in known else [])
    shared = {name: known[0] for name, known in sorted(variants.items()) if len(known) == 1}
    for responses, status in places:
        if (name := _name(responses[status])) in shared:
            responses[status] = {"$ref": f"#/components/responses/{name}"}
    document["components"]["responses"] = shared


def _places(paths: Json) -> Iterator[tuple[Json, str]]:
    """The answers of an operation, and the status of one that is a problem; for all of them."""
    for operation in operations(paths):
        for status, response in operation["responses"].items():
            if PROBLEM in response.get("content", {}):
                yield operation["responses"], status


def _name(response: Json) -> str:
    return ".".join(_examples(response))


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
