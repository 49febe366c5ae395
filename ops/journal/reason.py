"""Why something did not pass, in one line of a terminal; the journal and the report have all of it."""

from __future__ import annotations

import os
import re
import textwrap
from typing import Final

LONGEST: Final = 200
"""Characters of a reason."""
UNRECOVERED: Final = "and it did not recover: "

_TRACEBACK: Final = "Traceback (most recent call last):"
_FRAME: Final = re.compile(r'^ +File "(?P<file>[^\n]*)", line (?P<line>\d+)[^\n]*$', re.MULTILINE)


def one_line(reason: str) -> str:
    """It without line breaks, and of a traceback its end."""
    return textwrap.shorten(untraced(reason), LONGEST, placeholder=" …")


def untraced(text: str) -> str:
    """What stands before a traceback, which may have lost its beginning, and the error that it ends with."""
    frames = list(_FRAME.finditer(text))
    if not frames:
        return text
    head = text[: frames[0].start()].partition(_TRACEBACK)[0].rstrip(" ^~\n")
    error = re.split(r"\n(?=\S)", text[frames[-1].end() :], maxsplit=1)[-1]
    return f"{head} {error}".strip()


def where(text: str) -> str:
    """Where the traceback in it ends, `services/cart/app.py:3`; empty if there is none."""
    frames = list(_FRAME.finditer(text))
    if not frames:
        return ""
    file, line = frames[-1]["file"], frames[-1]["line"]
    near = os.path.relpath(file)
    return f"{file if near.startswith('..') else near}:{line}"
