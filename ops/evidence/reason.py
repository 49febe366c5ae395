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
_ANSWER: Final = re.compile(r"(?:^|(?<=: ))(\d{3}) \[([^\]\s]+)\] (.*)\Z", re.MULTILINE | re.DOTALL)
_PROBLEM: Final = re.compile(r'"type": ?"urn:problem:([\w-]+)"')
_COMPARED: Final = re.compile(r"found (.*?)\nnot +(.*?)(?:\n(.*))?", re.DOTALL)


def one_line(reason: str, suspect: str = "") -> str:
    """It with the code of the problem instead of the body, of a traceback its end, and without the ID of the suspect.

    That ID is told beside it. The words are those of features/support: `found 500`, `not   200`, and the answer as
    `500 [ID] {…}`.
    """
    broke, *mending = reason.split(f"\n{UNRECOVERED}")
    words = f", {UNRECOVERED}".join(_plain(part, suspect) for part in (broke, *mending))
    return textwrap.shorten(words, LONGEST, placeholder=" …")


def untraced(text: str) -> str:
    """What stands before a traceback, which may have lost its beginning, and the error that it ends with."""
    frames = list(_FRAME.finditer(text))
    if not frames:
        return text
    head = text[: frames[0].start()].partition(_TRACEBACK)[0].rstrip(" ^~\n")
    error = re.split(r"\n(?=\S)", text[frames[-1].end() :], maxsplit=1)[-1]
    return f"{head} {error}".strip()


def where(text: str) -> str:
    """Where the traceback in it ends, `services/orders/app.py:3`; empty if there is none."""
    frames = list(_FRAME.finditer(text))
    if not frames:
        return ""
    file, line = frames[-1]["file"], frames[-1]["line"]
    near = os.path.relpath(file)
    return f"{file if near.startswith('..') else near}:{line}"


def _plain(reason: str, suspect: str) -> str:
    words = untraced(reason)
    words = _ANSWER.sub(lambda answer: _answer(answer[1], answer[2], answer[3], suspect), words)
    compared = _COMPARED.fullmatch(words)
    return _compared(*compared.groups(default="")) if compared else words


def _answer(status: str, request_id: str, body: str, suspect: str) -> str:
    problem = _PROBLEM.search(body)
    request = "" if request_id == suspect else f"[{request_id}]"
    return " ".join(filter(None, [status, problem[1] if problem else "", request, "" if problem else body]))


def _compared(found: str, wanted: str, answer: str) -> str:
    status, _, rest = answer.partition(" ")
    if status != found:
        return f"found {found}, not {wanted}" + (f": {answer}" if answer else "")
    code, _, request = rest.partition(" ")
    if rest.startswith(("{", "[")) or not code:
        return f"found {found}, not {wanted}" + (f": {rest}" if rest else "")
    return f"found {found} {code}, not {wanted} {request}".rstrip()
