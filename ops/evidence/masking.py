"""Secrets are masked when evidence is written, so that no report has to remember to."""

import re
from collections.abc import Mapping
from typing import Final

MASK: Final = "***"

_NAMES: Final = frozenset(
    {"authorization", "proxyauthorization", "cookie", "setcookie", "idempotencykey", "apikey", "xapikey"}
)
_ENDINGS: Final = ("password", "passwd", "secret", "token", "privatekey")
_PRIVATE_JWK_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})

# Bounded repetitions and look-behinds keep each pattern linear on hostile text.
_NAMED: Final = r"(?:[\w-]{0,40}(?:password|passwd|secret|access_?token|refresh_?token|idempotency-key|api-?key))"
_HEADER: Final = re.compile(
    r"(?i)(?P<name>\b(?:authorization|cookie|idempotency-key)[ \t]{0,8}:[ \t]{0,8})"
    r"(?P<scheme>(?:Bearer|Basic|Digest) )?[^\s\"'\\][^\r\n\"'\\]*"
)
_QUOTED: Final = re.compile(
    rf"""(?is)(?P<name>(?P<q>\\{{0,7}}["'])(?:{_NAMED}|authorization|cookie)(?P=q)\s{{0,8}}:\s{{0,8}})(?P<o>\\{{0,7}}["'])"""
    r"(?:(?!(?<!\\)(?P=o))(?:\\.|.))+"
)
_UNQUOTED: Final = re.compile(
    rf"""(?i)(?P<name>(?:\b{_NAMED}|\\{{0,7}}["']{_NAMED}\\{{0,7}}["'])\s{{0,8}}[=:]\s{{0,8}})"""
    r"""(?!null\b)(?:\[[^\]]*\]?|\{[^}]*\}?|[^\s"'\\,&}\]]+)"""
)
_BEARER: Final = re.compile(r"(?i)\b(Bearer\s{1,8})(?![a-z_]{1,40}=[\"'\\])[\w.~+/=-]{12,}")
_JWT: Final = re.compile(r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?")
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]{0,40}KEY-----.*?(?:-----END [A-Z ]{0,40}KEY-----|\Z)", re.S)
_URL_PASSWORD: Final = re.compile(r"(?P<name>\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,255}:)[^\s/@]{1,255}(?=@)", re.I)
_HINTS: Final = ("passw", "secret", "token", "authorization", "cookie", "key", "bearer", "eyj", "@")
"""A text that holds none of these, in lower case, is matched by no pattern above: most texts are let off cheaply."""


def mask(value: object) -> object:
    """A copy of `value` in which each secret reads `***`, at any depth, in JSON objects as in text.

    `None`, booleans and empty strings are kept: that a password was absent is evidence, not a secret.
    """
    if isinstance(value, Mapping):
        return _mask_members(value)
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    if isinstance(value, bytes):
        return mask_text(value.decode(errors="replace"))
    return mask_text(value) if isinstance(value, str) else value


def mask_text(text: str) -> str:
    """`text` without tokens, keys and passwords: raw requests, JSON (also cut off or quoted twice), forms, URLs."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    text = _PEM.sub(MASK, text)
    text = _HEADER.sub(lambda found: f"{found['name']}{found['scheme'] or ''}{MASK}", text)
    text = _QUOTED.sub(lambda found: f"{found['name']}{found['o']}{MASK}", text)
    text = _UNQUOTED.sub(lambda found: f"{found['name']}{MASK}", text)
    text = _URL_PASSWORD.sub(lambda found: f"{found['name']}{MASK}", text)
    return _JWT.sub(MASK, _BEARER.sub(rf"\1{MASK}", text))


def is_secret(name: str) -> bool:
    """Whether a header, JSON member or setting of this name holds a secret."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    return plain in _NAMES or plain.endswith(_ENDINGS)


def _mask_members(members: Mapping[object, object]) -> dict[str, object]:
    private_key = "kty" in members
    return {
        str(name): _hide(value)
        if is_secret(str(name)) or (private_key and name in _PRIVATE_JWK_MEMBERS)
        else _mask_headers(value)
        if str(name).lower().endswith("headers")
        else mask(value)
        for name, value in members.items()
    }


def _mask_headers(headers: object) -> object:
    """Headers may also be a list of pairs, as they may repeat."""
    if not isinstance(headers, list | tuple):
        return mask(headers)
    return [
        [pair[0], _hide(pair[1])]
        if isinstance(pair, list | tuple) and len(pair) == 2 and is_secret(str(pair[0]))
        else mask(pair)
        for pair in headers
    ]


def _hide(value: object) -> object:
    if value is None or isinstance(value, bool) or value in ("", b""):
        return value
    scheme = re.match(r"(?:Bearer|Basic|Digest) ", value) if isinstance(value, str) else None
    return f"{scheme.group() if scheme else ''}{MASK}"
