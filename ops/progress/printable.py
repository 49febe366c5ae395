"""Text that others wrote, made safe for a terminal, a log of CI or a file: it can move no cursor and end no line."""

from __future__ import annotations

from typing import Final

KEPT: Final = "\t\n"
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_PICTURES: Final = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\N{SYMBOL FOR DELETE}"}
_STRANGE: Final = (*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000))
"""Further controls, those that turn the direction of writing, and surrogates, which no encoding can write."""
_TABLE: Final = {**dict.fromkeys(_STRANGE, REPLACEMENT), **_PICTURES, **{ord(sign): sign for sign in KEPT}}


def printable(text: str) -> str:
    """It with a visible sign for each character that cannot be shown; as long as it was, with its lines and tabs."""
    return text.translate(_TABLE)
