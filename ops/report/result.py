"""How a criterion came out on a stack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ops.journal.events import Status

NOT_RUN: Final = "not run"
_WORST_FIRST: Final = ("failed", "not-proven", "flaky", "passed", "skipped")
_SAYS_NOTHING: Final = ("skipped", NOT_RUN)


@dataclass(frozen=True)
class Result:
    """`ends` are those of its scenarios, with `not run` for one that the run did not come to."""

    ends: tuple[str, ...]

    @classmethod
    def of(cls, ends: Iterable[Status | None]) -> Result:
        """None for a scenario that was not run."""
        return cls(tuple(end or NOT_RUN for end in ends))

    @property
    def worst(self) -> str:
        """Of the ends; `not run` also when there is no scenario."""
        return next((end for end in _WORST_FIRST if end in self.ends), NOT_RUN)

    @property
    def is_proven(self) -> bool:
        """All of its scenarios held."""
        return set(self.ends) == {"passed"}

    @property
    def is_partial(self) -> bool:
        """Some held, and the rest say nothing."""
        return self.worst == "passed" and not self.is_proven

    @property
    def sign(self) -> str:
        """The status whose sign stands for it: what is proven in part has not passed."""
        return "skipped" if self.is_partial else self.worst

    @property
    def words(self) -> str:
        """`passed, 5 of 10 skipped`, as a person reads it."""
        gaps = [(self.ends.count(end), end) for end in _SAYS_NOTHING if end != self.worst]
        told = [f"{count} of {len(self.ends)} {end}" for count, end in gaps if count]
        return ", ".join([self.worst.replace("-", " "), *told])
