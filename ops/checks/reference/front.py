"""What the gateway itself has to say of the API: how it is used, its own route, and the problems that it makes."""

from ops.checks.configuration import Directive
from ops.checks.reference.joining import Json

NAME = "gateway"
ABOUT = """
How to try it here: register, sign in, and this page sends the token with what you ask from then on; a token of your own
goes into **Authorize**. Tokens hold for 15 minutes. `python3 -m ops grant <email> admin` makes an account one of those
that may change the catalogue; it holds from the next sign-in on.

Every answer has an `X-Request-ID`: the request's own, if it had one of 8 to 64 letters, digits, dots, dashes and
underscores, else a new one. It leads to every log line of the request.

Every error is a problem (RFC 9457): `type` is `urn:problem:<code>`, and each answer below lists its codes. A path
answers other methods than its own with 405 `method-not-allowed` and names its own in `Allow`. `Retry-After` says after
how many seconds it is worth trying again; with an `Idempotency-Key` that never orders twice.
"""
HEAD: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Gateproof", "version": "1.0.0", "description": ABOUT.strip()},
    "servers": [{"url": "/", "description": "The gateway that serves this document."}],
    "tags": [
        {"name": "users", "description": "Accounts, signing in, and the keys that tokens are verified with."},
        {"name": "products", "description": "The catalogue."},
        {"name": "orders", "description": "Orders of the customer who asks."},
        {"name": NAME, "description": "What the gateway answers by itself."},
    ],
}
HEADER: Json = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
ALLOW: Json = {"Allow": {"$ref": "#/components/headers/Allow"}}
RETRY_AFTER: Json = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
DOCUMENT: Json = {
    "paths": {
        "/healthz": {
            "get": {
                "operationId": "gatewayHealth",
                "summary": "Whether the gateway runs",
                "security": [],
                "responses": {
                    "200": {
                        "description": "It runs; of the services this says nothing.",
                        "headers": HEADER,
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/GatewayHealth"},
                                "example": {"status": "ok"},
                            }
                        },
                    }
                },
            }
        }
    },
    "components": {
        "headers": {
            "Allow": {
                "description": "The methods that the path has.",
                "required": True,
                "schema": {"type": "string"},
                "example": "GET, HEAD",
            }
        },
        "schemas": {
            "GatewayHealth": {
                "type": "object",
                "properties": {"status": {"const": "ok"}},
                "required": ["status"],
                "additionalProperties": False,
            }
        },
    },
}
# What may come of a request that is made as this document says, whoever answers it; the rest is a bug of the client's.
OF_REQUESTS = ("400", "404", "414")
# What may come of it where a service has to answer.
OF_SERVICES = ("502", "504")
REQUEST_ID = "5f0c6d1e8a9b4c7d"


def problems(configuration: Directive, path: str) -> dict[str, Json]:
    """The answers of that path, by status, as the configuration words them."""
    statuses = OF_REQUESTS if path in DOCUMENT["paths"] else OF_REQUESTS + OF_SERVICES
    retry = {"502": RETRY_AFTER, "504": RETRY_AFTER}
    return {status: _problem(status, configuration, retry.get(status, {})) for status in statuses}


def wrong_method(configuration: Directive) -> Json:
    """The answer to a method that a path does not have, so no operation's."""
    return _problem("405", configuration, ALLOW)


def _problem(status: str, configuration: Directive, headers: Json) -> Json:
    code = _mapped(configuration, "$problem_code", status)
    words = {name: _mapped(configuration, f"$problem_{name}", code) for name in ("title", "detail")}
    example = {"type": f"urn:problem:{code}", "status": int(status), **words, "requestId": REQUEST_ID}
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema, "examples": {code: {"value": example}}}}
    return {"description": code, "headers": {**HEADER, **headers}, "content": content}


def _mapped(configuration: Directive, variable: str, key: str) -> str:
    """What the map of that name makes of `key`, a literal one."""
    (mapping,) = [one for one in configuration.inside("map") if one.args[1] == variable]
    values = {entry.name: entry.args[0] for entry in mapping.block}
    return values.get(key, values.get(f"~^{key[0]}", values["default"]))
