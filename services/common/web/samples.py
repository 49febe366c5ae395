"""Example values, put together from those that the fields of a model have."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def sample(schema: Json, definitions: Mapping[str, Json]) -> Any:
    """A value that the schema allows: its own example, one made of its parts', or the only one there is.

    Raises LookupError for a schema of which nobody has said what a value looks like.
    """
    if "$ref" in schema:
        return sample(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "examples" in schema:
        return schema["examples"][0]
    return _composed(schema, definitions)


def _composed(schema: Json, definitions: Mapping[str, Json]) -> Any:
    if "properties" in schema:
        return {name: sample(value, definitions) for name, value in schema["properties"].items()}
    if "items" in schema:
        return [sample(schema["items"], definitions)]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], definitions)
    if "const" in schema:
        return schema["const"]
    raise LookupError(f"no example for {schema}")
