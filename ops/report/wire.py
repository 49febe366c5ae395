"""The command that repeats a request, also one of bytes that no client sends, over a plain socket or TLS."""

import re
import shlex
from typing import Final
from urllib.parse import urlsplit

from ops.journal.events import Request
from ops.journal.masking import MASK
from ops.report.curl import curl, variable

_LONE: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_NAME: Final = re.compile(r"""([\w-]+)\\?["']?\s*[:=]\s*\\?["']?\Z""")
_SIGNS: Final = {ord("\r"): r"\r", ord("\n"): r"\n", ord("%"): "%%", ord("\\"): r"\\"}
_QUOTES: Final = b"'"
_FIRST_DASH: Final = re.compile("^-")


def again(request: Request) -> str:
    """A command line for a shell; empty where not all of the body was kept."""
    if request.is_cut:
        return ""
    return curl(request) if request.raw_target is None else wire(request)


def wire(request: Request) -> str:
    """A command line for a shell: every byte as `printf` writes it, to `nc`, or to openssl where it was TLS.

    What was masked reads `$TOKEN`, `$PASSWORD`, …, for the reader to set.
    """
    parts = str(request.request_body or "").split(MASK)
    secrets = [f'"${_secret(part)}"' for part in parts[:-1]]
    printed = _FIRST_DASH.sub(r"\\055", "%s".join(map(_printed, parts)))
    return " ".join(["printf", f"'{printed}'", *secrets, "|", _receiver(request.url)])


def _printed(text: str) -> str:
    """As a format of `printf` between single quotes; bytes that are no UTF-8 came as surrogates (PEP 383)."""
    raw = _LONE.sub("?", text).encode("utf-8", "surrogateescape")
    return "".join(_SIGNS.get(byte) or _byte(byte) for byte in raw)


def _byte(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F and byte not in _QUOTES else f"\\{byte:03o}"


def _secret(before: str) -> str:
    """The variable for what stands behind these words."""
    if before.endswith("Bearer "):
        return "TOKEN"
    named = _NAME.search(before[-60:])
    return variable(named[1]) if named else "SECRET"


def _receiver(url: str) -> str:
    where = urlsplit(url)
    is_tls = where.scheme == "https"
    host, port = where.hostname or "", where.port or (443 if is_tls else 80)
    if is_tls:
        return f"openssl s_client -quiet -servername {shlex.quote(host)} -connect {shlex.quote(f'{host}:{port}')}"
    return f"nc {shlex.quote(host)} {port}"
