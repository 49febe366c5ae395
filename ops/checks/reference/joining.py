"""Several OpenAPI documents as one: what is equal stands there once, what differs gets the name of its owner."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ops.checks.results import CheckFailed

Json = dict[str, Any]
METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})


def join(documents: Mapping[str, Json]) -> Json:
    """`paths` and `components` of all; each operation is tagged with the name of the document that it comes from.

    Raises CheckFailed where two documents have the same path, or two operations the same ID.
    """
    renamed = _renamed(documents)
    paths: Json = {}
    components: defaultdict[str, Json] = defaultdict(dict)
    for name, document in documents.items():
        own: Json = _referring(document, renamed[name])
        _claim(paths, name, own["paths"])
        for section, content in own.get("components", {}).items():
            for key, value in content.items():
                components[section][renamed[name].get((section, key), key)] = value
    _check_operation_ids(paths)
    return {"paths": paths, "components": dict(components)}


def operations(paths: Json) -> list[Json]:
    """Every operation of these paths."""
    return [one for methods in paths.values() for method, one in methods.items() if method in METHODS]


def _claim(paths: Json, name: str, own: Json) -> None:
    if twice := paths.keys() & own.keys():
        raise CheckFailed(f"{name} and another both have {', '.join(sorted(twice))}")
    for operation in operations(own):
        operation["tags"] = [name]
    paths |= own


def _check_operation_ids(paths: Json) -> None:
    ids = [operation["operationId"] for operation in operations(paths) if "operationId" in operation]
    if twice := {one for one in ids if ids.count(one) > 1}:
        raise CheckFailed(f"two operations are called {', '.join(sorted(twice))}")


def _renamed(documents: Mapping[str, Json]) -> dict[str, dict[tuple[str, str], str]]:
    """The new name of each component, by document, section and name, that is not what another has by that name."""
    variants: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for name, document in documents.items():
        for section, content in document.get("components", {}).items():
            for key, value in content.items():
                variants[section, key][name] = json.dumps(_whole(value, document), sort_keys=True)
    renamed: dict[str, dict[tuple[str, str], str]] = {name: {} for name in documents}
    for (section, key), values in variants.items():
        for name in values if len(set(values.values())) > 1 else ():
            renamed[name][section, key] = f"{name.capitalize()}{key}"
    return renamed


def _whole(value: Any, document: Json, above: tuple[str, ...] = ()) -> Any:
    """A component with all that it refers to in its place; where it refers back, the reference stays."""
    if isinstance(value, list):
        return [_whole(one, document, above) for one in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if not isinstance(reference, str) or reference in above:
        return {key: _whole(one, document, above) for key, one in value.items()}
    _, _, section, key = reference.split("/")
    return _whole(document["components"][section][key], document, (*above, reference))


def _referring(value: Any, renamed: Mapping[tuple[str, str], str]) -> Any:
    """A copy that refers to components by their new names."""
    if isinstance(value, list):
        return [_referring(one, renamed) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _reference(one, renamed) if key == "$ref" and isinstance(one, str) else _referring(one, renamed)
        for key, one in value.items()
    }


def _reference(reference: str, renamed: Mapping[tuple[str, str], str]) -> str:
    head, components, section, key = reference.split("/")
    return "/".join((head, components, section, renamed.get((section, key), key)))
