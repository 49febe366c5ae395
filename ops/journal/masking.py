"""Secrets are masked when evidence is written, so that no report has to remember to."""

import re
from collections.abc import Mapping
from typing import Final

MASK: Final = "***"

_NAMES: Final = frozenset(
    {"authorization", "proxyauthorization", "cookie", "setcookie", "idempotencykey", "apikey", "xapikey"}
)
_ENDINGS: Final = ("password", "passwordhash", "passwd", "secret", "token", "privatekey")
_PRIVATE_JWK_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})

# Bounded repetitions and look-behinds keep each pattern linear on hostile text.
_NAMED: Final = (
    r"(?:[\w-]{0,40}(?:password[_-]?hash|password|passwd|secret|access_?token|refresh_?token|idempotency-key|api-?key))"
)
_HEADER: Final = re.compile(
    r"(?i)(?P<name>\b(?:authorization|cookie|idempotency-key)[ \t]{0,8}:[ \t]{0,8}"
    r"(?:(?:Bearer|Basic|Digest) )?(?:\\{0,7}[\"'])?)"
    r"[^\s\"'\\][^\r\n\"'\\]*"
)
_QUOTED: Final = re.compile(
    rf"""(?is)(?P<name>(?P<q>\\{{0,7}}["'])(?:{_NAMED}|[\w-]{{0,40}}token|authorization|cookie)(?P=q)"""
    r"""\s{0,8}:\s{0,8}(?P<o>\\{0,7}["']))"""
    r"(?:(?!(?<!\\)(?P=o))(?:\\.|.))+"
)
_UNQUOTED: Final = re.compile(
    rf"""(?i)(?P<name>\b{_NAMED}[ \t]{{0,8}}[=:][ \t]{{0,8}}"""
    rf"""|\\{{0,7}}["']{_NAMED}\\{{0,7}}["']\s{{0,8}}[=:]\s{{0,8}})"""
    r"""(?!null\b)(?:\[[^\]]*\]?|\{[^}]*\}?|[^\s"'\\,&}\]]+)"""
)
_PARAMETER: Final = re.compile(r"""(?im)(?P<name>(?:(?<=[?&;#])|^)[\w-]{0,40}token=)(?!null\b)[^\s&;#"'<>]+""")
_ARGON2: Final = re.compile(r"\$argon2(?:id|[id])(?:\$v=\d{1,5})?\$m=[\w=,]{1,60}(?:\$[\w+/]{1,500}={0,2}){1,2}")
_JWK: Final = re.compile(r"""["'](?:kty|crv)\\{0,7}["']""")
_JWK_MEMBER: Final = re.compile(
    rf"""(?P<name>(?P<q>\\{{0,7}}["'])(?:{"|".join(sorted(_PRIVATE_JWK_MEMBERS))})(?P=q)"""
    r"""\s{0,8}:\s{0,8}(?P=q))[\w-]{16,}"""
)
_BEARER: Final = re.compile(r"(?i)\b(?P<name>Bearer\s{1,8})(?![a-z_]{1,40}=[\"'\\])[\w.~+/=-]{12,}")
_JWT: Final = re.compile(r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?")
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]{0,40}KEY-----.*?(?:-----END [A-Z ]{0,40}KEY-----|\Z)", re.S)
_URL_PASSWORD: Final = re.compile(r"(?P<name>\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,255}:)[^\s/@]{1,255}(?=@)", re.I)
_BEHIND_A_NAME: Final = (_HEADER, _QUOTED, _UNQUOTED, _PARAMETER, _URL_PASSWORD, _BEARER)
_HINTS: Final = (
    "passw",
    "secret",
    "token",
    "authorization",
    "cookie",
    "key",
    "bearer",
    "eyj",
    "@",
    "$argon2",
    "kty",
    "crv",
)
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
    """`text` without tokens, keys, passwords and their hashes: raw requests, JSON (cut off or quoted twice), URLs."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    for whole in (_PEM, _ARGON2):
        text = whole.sub(MASK, text)
    for named in (*_BEHIND_A_NAME, *([_JWK_MEMBER] if _JWK.search(text) else [])):
        text = named.sub(rf"\g<name>{MASK}", text)
    return _JWT.sub(MASK, text)


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
