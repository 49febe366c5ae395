"""Text that somebody else wrote, as a terminal may be given it."""

from __future__ import annotations

import re

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """`text` in which what a terminal obeys (ECMA-48), or what turns the direction of writing, is written out."""
    return _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text)
