"""What every answer of the gateway has, and what a service saw of a request."""

import secrets

from ops.tests.gateway import wire

ONCE = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Server": "nginx",
}
TITLES = {
    "bad-request": "Bad request",
    "not-found": "Not found",
    "method-not-allowed": "Method not allowed",
    "body-too-large": "Body too large",
    "uri-too-long": "URI too long",
    "headers-too-large": "Headers too large",
    "too-many-attempts": "Too many attempts",
    "internal-error": "Internal error",
    "not-implemented": "Not implemented",
    "bad-gateway": "Bad gateway",
    "gateway-timeout": "Gateway timeout",
    "http-version-not-supported": "HTTP version not supported",
}


def unique(prefix: str = "probe") -> str:
    return f"{prefix}-{secrets.token_hex(8)}"


def seen(answer: wire.Answer) -> dict[str, list[str]]:
    """The headers that the service saw, by lower-case name."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.json()["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    return headers


def assert_problem(answer: wire.Answer, status: int, code: str) -> None:
    assert answer.status == status, answer
    assert answer.all("Content-Type") == ["application/problem+json"], answer
    problem = answer.json()
    assert problem["type"] == f"urn:problem:{code}"
    assert problem["title"] == TITLES[code]
    assert problem["status"] == status
    assert problem["detail"] and "could not answer" not in problem["detail"], "each has a detail of its own"
    assert [problem["requestId"]] == answer.all("X-Request-ID")
    assert_guarded(answer)


def assert_guarded(answer: wire.Answer) -> None:
    for name, value in ONCE.items():
        assert answer.all(name) == [value], (name, answer)
    assert len(answer.all("X-Request-ID")) == 1, answer
    assert not answer.all("X-Powered-By")
    assert b"nginx" not in answer.body.lower()
