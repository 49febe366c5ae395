"""Where in the features a request comes from, and the request IDs that say so."""

import itertools
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

LONGEST_ID = 64
LONGEST_COUNT = len(".a9999-")


@dataclass(frozen=True)
class Place:
    """One scenario in one run: `file` is relative to the project ("features/carts/fill_cart.feature").

    `person` is a letter where each of several customers has request IDs of their own.
    """

    file: str
    line: int
    run: str
    person: str = ""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1), compare=False, repr=False)

    @property
    def scenario(self) -> str:
        """The scenario's name in the journal: "features/carts/fill_cart.feature:12"."""
        return f"{self.file}:{self.line}"

    @property
    def prefix(self) -> str:
        """ "carts.fill_cart.L12", with the file's name cut where the ID would grow past its limit."""
        path = PurePosixPath(self.file)
        room = LONGEST_ID - LONGEST_COUNT - len(f"{path.parent.name}..L{self.line}") - len(self.run)
        return f"{path.parent.name}.{path.stem[:room]}.L{self.line}"

    @property
    def request_ids(self) -> str:
        """The glob that matches every request of this scenario (or person), and none of another scenario or run."""
        return f"{self.prefix}.{self.person}*-{self.run}"

    def of(self, person: str) -> "Place":
        """The place of one customer among several."""
        return replace(self, person=person, _numbers=itertools.count(1))

    @property
    def crowded(self) -> "Place":
        """The same for more requests than a run keeps log lines of: their IDs do not end as the run's do."""
        return replace(self, run=f"{self.run}.rush", _numbers=itertools.count(1))

    def next_request_id(self) -> str:
        """A request ID of its own; safe to ask for from several threads."""
        return f"{self.prefix}.{self.person}{next(self._numbers)}-{self.run}"
