"""The command that repeats a request."""

import json
import re
import shlex
from typing import Final
from urllib.parse import urlsplit

from ops.evidence.masking import MASK
from ops.evidence.scenario import Request

_OF_THE_CLIENT: Final = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent", "accept"})
_MASKED_MEMBER: Final = re.compile(rf'"(\w+)"\s*:\s*"{re.escape(MASK)}"')


def curl(request: Request) -> str:
    """A `curl` command line for a shell.

    What was masked reads `$TOKEN`, `$PASSWORD`, …, for the reader to set; `$BASE` sends it to another stack.
    """
    headers = [f"{name}: {value}" for name, value in request.request_headers if name.lower() not in _OF_THE_CLIENT]
    parts = ["curl -i", *([f"-X {shlex.quote(request.method)}"] if request.method != "GET" else [])]
    parts += [f"-H {_header(header)}" for header in headers]
    if request.request_body not in (None, ""):
        parts.append(f"--data-raw {_body(request.request_body)}")
    return " ".join([*parts, _url(request.url)])


def _header(header: str) -> str:
    name, _, value = header.partition(": ")
    if value.removeprefix("Bearer ") != MASK:
        return shlex.quote(header)
    variable = "TOKEN" if value.startswith("Bearer ") else _variable(name)
    return f'"{_inert(name)}: {value.removesuffix(MASK)}${variable}"'


def _body(body: object) -> str:
    quoted = shlex.quote(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
    return _MASKED_MEMBER.sub(lambda member: f'"{member[1]}": "\'"${_variable(member[1])}"\'"', quoted)


def _url(url: str) -> str:
    whole = urlsplit(url)
    if not whole.netloc:
        return shlex.quote(url)
    base = f"{whole.scheme}://{whole.netloc}"
    inert = _inert(base).replace("}", r"\}")
    return f'"${{BASE:-{inert}}}"{shlex.quote(url.removeprefix(base))}'


def _inert(text: str) -> str:
    """Between double quotes nothing but text: a report may come from anywhere, and its commands are pasted."""
    return re.sub(r'([\\"$`])', r"\\\1", text)


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).upper()
