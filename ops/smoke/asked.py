"""What the commands of a step ask for, read from their last `curl`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

BODY = ("-d", "--data", "--data-raw", "--data-binary")
VARIABLE = re.compile(r"\$([A-Z_][A-Z0-9_]*)")


@dataclass(frozen=True)
class Asked:
    """One request as it is written, with the shell's variables in it; a body that starts with `@` comes from a file.

    `headers` are lines, `Name: value`.
    """

    method: str
    url: str
    headers: tuple[str, ...]
    body: str

    def filled(self, variables: Mapping[str, str]) -> Asked:
        """The same as it is sent."""
        headers = tuple(filled(header, variables) for header in self.headers)
        return Asked(self.method, filled(self.url, variables), headers, filled(self.body, variables))


def asked(script: str) -> Asked | None:
    """The last request of a shell script; None where no `curl` can be made out in it."""
    lexer = shlex.shlex(script.replace("\\\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:  # quotes that only a shell understands
        return None
    starts = [place for place, word in enumerate(words) if word in ("curl", "--next")]
    return _request(words[starts[-1] + 1 :]) if starts else None


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with each `$NAME` as the shell has it; nothing for one that it has not."""
    return VARIABLE.sub(lambda found: variables.get(found[1], ""), text)


def _request(words: list[str]) -> Asked:
    arguments = list(takewhile(lambda word: not set(word) <= set("();<>|&"), words))
    url = next((word for word in arguments if word.startswith(("$BASE_URL", "http://", "https://"))), "")
    body = next((value for name in BODY for value in _values(arguments, name)), "")
    method = next(_values(arguments, "-X"), "POST" if body else "GET")
    return Asked(method, url, tuple(_values(arguments, "-H")), body)


def _values(arguments: list[str], name: str) -> Iterator[str]:
    return (value for option, value in zip(arguments, arguments[1:], strict=False) if option == name)
