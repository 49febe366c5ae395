"""The OpenAPI document of the whole API, which the gateway serves: the services' own, joined, and the gateway's part.

It is a file of the tree, so that every stack serves it and a change of the API is seen where changes are read.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from ops.checks import routes
from ops.checks.configuration import Directive
from ops.checks.reference import answers, front, joining
from ops.checks.reference.joining import Json
from ops.checks.results import CheckFailed

REWRITE = "`python3 -m ops openapi --write` rewrites it"


def document(services: Mapping[str, Json], configuration: Directive, gateway: str, own: Json) -> Json:
    """What the `services` say of the paths that the gateway sends to them, as a client of the gateway sees it.

    `own` is what the gateway says of itself and of the whole.

    Raises CheckFailed where two services claim the same path or operationId.
    """
    table = routes.routes(configuration)
    parts = {name: _routed(name, said, table) for name, said in services.items()}
    joined = joining.join({**parts, gateway: own})
    for path, methods in joined["paths"].items():
        answers.add({path: methods}, front.problems(configuration, by_itself=path in own.get("paths", {})))
    answers.share(joined)
    if wrong_method := front.wrong_method(configuration):
        joined["components"]["responses"]["method-not-allowed"] = wrong_method
    return {**own, **joined}


def text(document: Json) -> str:
    """As it stands in the file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def check(document: Json, file: Path) -> str:
    """Raises CheckFailed where the file says anything else than `document`."""
    written = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if changed := sorted(_changed(document, written)):
        raise CheckFailed(f"{file.name} is not what the services say: {', '.join(changed)}; {REWRITE}")
    return f"{len(document['paths'])} paths"


def _routed(name: str, said: Json, table: Mapping[str, str]) -> Json:
    paths = {path: said["paths"][path] for path in said["paths"] if routes.answerer(path, table) == f"${name}"}
    return {**said, "paths": paths}


def _changed(one: object, other: object, place: str = "", depth: int = 3) -> set[str]:
    """Where two documents differ, named as deep as a reader needs it."""
    if one == other:
        return set()
    if not (isinstance(one, dict) and isinstance(other, dict) and depth):
        return {place}
    names = one.keys() | other.keys()
    return set().union(*(_changed(one.get(name), other.get(name), f"{place}/{name}", depth - 1) for name in names))
