"""Requests to an application without a socket."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults

Application = Callable[..., Iterable[bytes]]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem; checks that it is one."""
        assert self.header("Content-Type") == "application/problem+json"
        assert self.json["status"] == self.status
        return str(self.json["type"]).removeprefix("urn:problem:")

    @property
    def pointers(self) -> list[str]:
        return [wrong["pointer"] for wrong in self.json["errors"]]

    def header(self, name: str) -> str | None:
        values = [value for given, value in self.headers if given.lower() == name.lower()]
        assert len(values) <= 1, f"{name} is there {len(values)} times"
        return values[0] if values else None


def call(
    app: Application,
    method: str,
    path: str,
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
    raw: bytes | None = None,
) -> Reply:
    """One request; `body` goes as JSON, `raw` as it is."""
    content = raw if raw is not None else json.dumps(body).encode() if body is not None else b""
    given = {"Content-Type": "application/json"} if body is not None else {}
    environ = _environ(method, path, content, {**given, **(headers or {})})
    started: list[tuple[str, list[tuple[str, str]]]] = []
    answer = b"".join(app(environ, lambda status, names, exc_info=None: started.append((status, names))))
    status, sent = started[0]
    return Reply(int(status[:3]), sent, answer)


def _environ(method: str, path: str, content: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    route, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(route).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(content)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(content),
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    setup_testing_defaults(environ)
    return environ
