"""The problems that the gateway itself makes, as its configuration words them: three maps, `$problem_code` first."""

from ops.checks.configuration import Directive
from ops.checks.reference.joining import Json

HEADER: Json = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
ALLOW: Json = {"Allow": {"$ref": "#/components/headers/Allow"}}
RETRY_AFTER: Json = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
# What may come of a request that is made as this document says; the rest is a bug of the client's.
OF_REQUESTS = ("400", "404", "414", "431")
# What may come of it where a service has to answer.
OF_SERVICES = ("502", "504")
# What may come of any number of them, where the gateway words it.
OF_MANY = "429"
CODE = "$problem_code"
REQUEST_ID = "5f0c6d1e8a9b4c7d"


def problems(configuration: Directive, *, by_itself: bool) -> dict[str, Json]:
    """The gateway's answers, by status, on a path that it answers itself or sends on; none where it words none."""
    words = _words(configuration, CODE)
    if not words:
        return {}
    of_many = [entry.name for entry in words if entry.name == OF_MANY]
    statuses = OF_REQUESTS if by_itself else (*OF_REQUESTS, *OF_SERVICES, *of_many)
    return {
        status: _problem(status, configuration, {} if status in OF_REQUESTS else RETRY_AFTER) for status in statuses
    }


def wrong_method(configuration: Directive) -> Json | None:
    """The answer to a method that a path does not have, so no operation's."""
    return _problem("405", configuration, ALLOW) if _words(configuration, CODE) else None


def _problem(status: str, configuration: Directive, headers: Json) -> Json:
    code = _mapped(configuration, CODE, status)
    words = {name: _mapped(configuration, f"$problem_{name}", code) for name in ("title", "detail")}
    example = {"type": f"urn:problem:{code}", "status": int(status), **words, "requestId": REQUEST_ID}
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema, "examples": {code: {"value": example}}}}
    return {"description": code, "headers": {**HEADER, **headers}, "content": content}


def _mapped(configuration: Directive, variable: str, key: str) -> str:
    """What the map of that name makes of `key`, a literal one."""
    values = {entry.name: entry.args[0] for entry in _words(configuration, variable)}
    return values.get(key, values.get(f"~^{key[0]}", values["default"]))


def _words(configuration: Directive, variable: str) -> tuple[Directive, ...]:
    """The entries of the map that makes `variable`; none where there is no such map."""
    found = [one for one in configuration.inside("map") if one.args[1] == variable]
    return found[0].block if found else ()
