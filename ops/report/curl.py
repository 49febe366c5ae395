"""The command that repeats a request."""

import json
import re
import shlex
from typing import Final

from ops.evidence.masking import MASK
from ops.evidence.story import Request

_OF_THE_CLIENT: Final = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent", "accept"})


def curl(request: Request) -> str:
    """A `curl` command line for a shell. Where a bearer token was masked it reads `$TOKEN`, for the reader to set."""
    headers = [f"{name}: {value}" for name, value in request.request_headers if name.lower() not in _OF_THE_CLIENT]
    parts = ["curl -i", *([f"-X {shlex.quote(request.method)}"] if request.method != "GET" else [])]
    parts += [f"-H {_quote(header)}" for header in headers]
    if request.request_body not in (None, ""):
        parts.append(f"--data-raw {shlex.quote(_body(request.request_body))}")
    return " ".join([*parts, shlex.quote(request.url)])


def _quote(header: str) -> str:
    if re.fullmatch(rf"(?i)authorization: Bearer {re.escape(MASK)}", header):
        return '"Authorization: Bearer $TOKEN"'
    return shlex.quote(header)


def _body(body: object) -> str:
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
