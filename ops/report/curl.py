"""The command that repeats a request."""

import json
import re
import shlex
from typing import Final
from urllib.parse import urlsplit

from ops.journal.events import Request
from ops.journal.masking import MASK

_OF_THE_CLIENT: Final = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent", "accept"})
_DOTS: Final = re.compile(r"/(?:\.|%2e){1,2}(?:/|\Z)", re.IGNORECASE)
_GLOB: Final = re.compile(r"[][{}]")
_MASKED_MEMBER: Final = re.compile(rf'"(\w+)"\s*:\s*"{re.escape(MASK)}"')


def curl(request: Request) -> str:
    """A `curl` command line for a shell.

    What was masked reads `$TOKEN`, `$PASSWORD`, …, for the reader to set; `$BASE` sends it to another stack.
    """
    headers = [f"{name}: {value}" for name, value in request.request_headers if name.lower() not in _OF_THE_CLIENT]
    parts = [*_beginning(request.method), *_as_it_stands(request.url)]
    parts += [f"-H {_header(header)}" for header in headers]
    if request.request_body not in (None, ""):
        parts.append(f"--data-raw {_body(request.request_body)}")
    return " ".join([*parts, _url(request.url)])


def _beginning(method: str) -> list[str]:
    if method == "HEAD":
        return ["curl -I"]
    return ["curl -i", *([f"-X {shlex.quote(method)}"] if method != "GET" else [])]


def _as_it_stands(url: str) -> list[str]:
    """The options without which curl resolves `/./` and `/../`, and asks for several URLs in one."""
    asked = {"--path-as-is": _DOTS.search(url.partition("?")[0]), "-g": _GLOB.search(url)}
    return [option for option, is_needed in asked.items() if is_needed]


def _header(header: str) -> str:
    name, _, value = header.partition(": ")
    if not value:
        return shlex.quote(f"{name};")
    if value.removeprefix("Bearer ") != MASK:
        return shlex.quote(header)
    secret = "TOKEN" if value.startswith("Bearer ") else variable(name)
    return f'"{_inert(name)}: {value.removesuffix(MASK)}${secret}"'


def _body(body: object) -> str:
    quoted = shlex.quote(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
    return _MASKED_MEMBER.sub(lambda member: f'"{member[1]}": "\'"${variable(member[1])}"\'"', quoted)


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


def variable(name: str) -> str:
    """The shell's variable for a masked header or member of that name."""
    return re.sub(r"\W|^(?=\d)", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).upper()
