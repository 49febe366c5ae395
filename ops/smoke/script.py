"""A block of shell commands, and the variables that it sets and uses (by convention of the page: capitals)."""

from __future__ import annotations

import re
from dataclasses import dataclass

SETS = re.compile(r"^[ \t]*([A-Z_][A-Z0-9_]*)=", re.M)
USES = re.compile(r"\$\{?([A-Z_][A-Z0-9_]*)")
REQUEST_ID = re.compile(r'"X-Request-ID: ([^"]+)"')


@dataclass(frozen=True)
class Script:
    """The commands as they stand on the page."""

    text: str

    @property
    def sets(self) -> frozenset[str]:
        """The variables that it sets."""
        return frozenset(SETS.findall(self.text))

    @property
    def uses(self) -> list[str]:
        """The variables that it reads, in their order."""
        return list(dict.fromkeys(USES.findall(self.text)))

    @property
    def request_id(self) -> str | None:
        """The X-Request-ID of its last request, variables and all."""
        found = REQUEST_ID.findall(self.text)
        return found[-1] if found else None
