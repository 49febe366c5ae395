"""A service's OpenAPI document: valid, and of paths that the gateway sends to that service."""

from collections.abc import Mapping
from typing import Any

from ops.checks.results import CheckFailed
from ops.checks.routes import answerer

# Answered on a service's own port; the gateway must not route them.
INTERNAL = frozenset({"/livez", "/readyz", "/metrics", "/openapi.json"})


def check(service: str, document: Mapping[str, Any], routes: Mapping[str, str]) -> str:
    """Raises CheckFailed with every place in the document that is wrong."""
    if not str(document.get("openapi", "")).startswith("3.1."):
        raise CheckFailed(f"{service}: OpenAPI 3.1 is promised, the document says {document.get('openapi')}")
    paths = document.get("paths", {})
    wrong = _invalid(document) or _unrouted(service, paths, routes)
    if wrong or not paths:
        raise CheckFailed(f"{service}: {'; '.join(wrong) or 'documents no path'}")
    return f"{len(paths)} paths"


def _invalid(document: Mapping[str, Any]) -> list[str]:
    from openapi_spec_validator import OpenAPIV31SpecValidator  # takes a third of a second, and few commands check

    errors = OpenAPIV31SpecValidator(dict(document)).iter_errors()
    return [f"/{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def _unrouted(service: str, paths: Mapping[str, Any], routes: Mapping[str, str]) -> list[str]:
    answerers = {path: answerer(path, routes) for path in paths}
    return [
        f"{path} is answered by {who} at the gateway"
        for path, who in answerers.items()
        if (who == f"${service}") == (path in INTERNAL)
    ]
