"""Requests straight into a WSGI application, and what came back."""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

from services.common.web.app import App


@dataclass(frozen=True)
class Response:
    """`headers` by lower-case name."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def problem(self) -> str:
        """The code of an RFC 9457 answer."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.body["status"] == self.status
        return str(self.body["type"]).removeprefix("urn:problem:")


def call(
    app: App, method: str, path: str, body: bytes | dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> Response:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
    environ |= {"CONTENT_LENGTH": str(len(content)), "wsgi.input": BytesIO(content)}
    environ |= {"CONTENT_TYPE": "application/json"} if body is not None else {}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()}
    setup_testing_defaults(environ)
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, fields: list[tuple[str, str]]) -> None:
        started.append((status, fields))

    answered = b"".join(app(environ, start_response))
    (status, fields) = started[-1]
    return Response(int(status[:3]), {name.lower(): value for name, value in fields}, answered)
