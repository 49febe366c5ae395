"""What the commands of a step ask for, read from their last `curl`."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import NoReturn

VARIABLE = re.compile(r"\$(?:([A-Z_][A-Z0-9_]*)|\{([A-Z_][A-Z0-9_]*)\})")


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
    """The last request of a shell script; None where no `curl` can be made out in it, or one with other options."""
    lexer = shlex.shlex(script.replace("\\\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
        starts = [place for place, word in enumerate(words) if word in ("curl", "--next")]
        return _request(words[starts[-1] + 1 :]) if starts else None
    except ValueError:  # quotes or options that only a shell, or curl, understands
        return None


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with each `$NAME` as the shell has it; nothing for one that it has not."""
    return VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), text)


class _Options(argparse.ArgumentParser):
    """Those of curl that are read here."""

    def __init__(self) -> None:
        super().__init__(add_help=False, allow_abbrev=False)
        self.add_argument("url", nargs=1)
        self.add_argument("-X", "--request", dest="method")
        self.add_argument("-H", "--header", dest="headers", action="append", default=[])
        self.add_argument("-d", "--data", "--data-raw", "--data-binary", dest="body", default="")
        self.add_argument("-o", "--output")
        self.add_argument("-w", "--write-out")
        for short, name in (("-s", "silent"), ("-S", "show-error"), ("-i", "include"), ("-Z", "parallel")):
            self.add_argument(short, f"--{name}", action="store_true")
        self.add_argument("--no-progress-meter", action="store_true")

    def error(self, message: str) -> NoReturn:
        """Raises ValueError."""
        raise ValueError(message)


def _request(words: list[str]) -> Asked:
    """Raises ValueError for any other options."""
    said = _Options().parse_args([*takewhile(lambda word: not set(word) <= set("();<>|&"), words)])
    method = said.method or ("POST" if said.body else "GET")
    return Asked(method, said.url[0], tuple(said.headers), said.body)
