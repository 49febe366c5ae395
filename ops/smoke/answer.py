"""What `curl -i` printed, read back as an answer."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

HEAD = re.compile(r"^HTTP/[\d.]+ (?!1\d\d)(?P<status>\d{3})[^\n]*\n(?P<headers>(?:[^\n]+\n)*)\n?", re.M)
"""Of an answer; `100 Continue` and its like are none yet."""


@dataclass(frozen=True)
class Answer:
    """Status, headers as they came, and the body as text."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @classmethod
    def found_in(cls, printed: str) -> Answer | None:
        """The first answer in what a command printed; None where there is none."""
        printed = printed.replace("\r\n", "\n")
        head = HEAD.search(printed)
        if head is None:
            return None
        pairs = (line.partition(":") for line in head["headers"].splitlines())
        headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
        return cls(int(head["status"]), headers, printed[head.end() :])

    def all(self, name: str) -> list[str]:
        """Every value of a header, whatever its case."""
        return [value for header, value in self.headers if header.lower() == name.lower()]

    @property
    def json(self) -> Any:
        """The body, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None
