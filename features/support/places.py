"""Where in the features a request comes from, and the request IDs that say so."""

import itertools
from dataclasses import dataclass, field
from pathlib import PurePosixPath

LONGEST_ID = 64
LONGEST_COUNT = len(".9999-")


@dataclass(frozen=True)
class Place:
    """One scenario in one run: `file` is relative to the project ("features/orders/place_order.feature")."""

    file: str
    line: int
    run: str
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1), compare=False, repr=False)

    @property
    def scenario(self) -> str:
        """The scenario's name in the journal: "features/orders/place_order.feature:12"."""
        return f"{self.file}:{self.line}"

    @property
    def prefix(self) -> str:
        """ "orders.place_order.L12", with the file's name cut where the ID would grow past its limit."""
        path = PurePosixPath(self.file)
        room = LONGEST_ID - LONGEST_COUNT - len(f"{path.parent.name}..L{self.line}") - len(self.run)
        return f"{path.parent.name}.{path.stem[:room]}.L{self.line}"

    @property
    def request_ids(self) -> str:
        """The glob that matches every request of this scenario, and none of another scenario or run."""
        return f"{self.prefix}.*-{self.run}"

    def next_request_id(self) -> str:
        """A request ID of its own; safe to ask for from several threads."""
        return f"{self.prefix}.{next(self._numbers)}-{self.run}"
