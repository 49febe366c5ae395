"""Two runs side by side: what broke, what was mended, what came and went, what became slower."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any, Final

from pydantic.alias_generators import to_camel

from ops.journal.events import Fault
from ops.journal.record import Record
from ops.journal.scenario import INTERRUPTED, Scenario

RATIO: Final = 1.5
FLOOR_MS: Final = 250.0
RECOVERY_FLOOR_MS: Final = 100.0
"""Slower is what takes at least `RATIO` times as long and longer by a floor: less is the machine's noise."""

FEW: Final = 5
"""Of fewer scenarios no common pace can be said."""

GOOD: Final = ("passed", "flaky")
BAD: Final = ("failed", "not-proven")


@dataclass(frozen=True)
class Change:
    """One scenario in both runs; None where a run does not have it."""

    before: Scenario | None
    after: Scenario | None

    @property
    def was(self) -> str:
        """How it ended before."""
        return _end(self.before)

    @property
    def now(self) -> str:
        """How it ends now."""
        return _end(self.after)

    @property
    def any(self) -> Scenario:
        """The newer of the two."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  # a change is of something
        return found

    @property
    def ratio(self) -> float:
        """How many times as long it takes."""
        return self._ms(self.after) / max(self._ms(self.before), 0.001)

    @property
    def added_ms(self) -> float:
        """How much longer it takes."""
        return self._ms(self.after) - self._ms(self.before)

    def document(self) -> dict[str, Any]:
        """The scenario as `report --compare --json` shows it."""
        times = {"beforeMs": self._ms(self.before), "afterMs": self._ms(self.after)}
        reason = self.after.reason if self.after else ""
        return {"id": self.any.id, "name": self.any.title, "was": self.was, "now": self.now, "reason": reason, **times}

    @staticmethod
    def _ms(scenario: Scenario | None) -> float:
        return scenario.last.ms if scenario else 0.0


@dataclass(frozen=True)
class Recovery:
    """The median time that recovery from one kind of fault took, in milliseconds."""

    kind: str
    target: str
    before_ms: float
    after_ms: float

    def document(self) -> dict[str, Any]:
        """The fault as `report --compare --json` shows it."""
        return {"kind": self.kind, "target": self.target, "beforeMs": self.before_ms, "afterMs": self.after_ms}


@dataclass(frozen=True)
class Comparison:
    """Of the run `before` with the run `after`."""

    before: Record
    after: Record

    @cached_property
    def changes(self) -> list[Change]:
        """Every scenario of either run, as the newer one has them, then what it lacks."""
        old, new = _by_key(self.before), _by_key(self.after)
        return [Change(old.get(key), new.get(key)) for key in [*new, *(key for key in old if key not in new)]]

    @property
    def in_common(self) -> list[Change]:
        """What both runs have."""
        return [change for change in self.changes if change.before and change.after]

    @property
    def broke(self) -> list[Change]:
        """Bad now, and not before."""
        return [change for change in self.changes if change.now in BAD and change.was not in BAD]

    @property
    def mended(self) -> list[Change]:
        """Good now, and bad before."""
        return [change for change in self.changes if change.now in GOOD and change.was in BAD]

    @property
    def still_broken(self) -> list[Change]:
        """Bad in both."""
        return [change for change in self.changes if change.now in BAD and change.was in BAD]

    @property
    def otherwise(self) -> list[Change]:
        """Neither good nor bad changed, but how: flaky, skipped, interrupted, or run again."""
        told = [*self.broke, *self.mended, *self.still_broken, *self.new, *self.gone]
        return [change for change in self.changes if change.was != change.now and change not in told]

    @property
    def new(self) -> list[Change]:
        """Not there before, and not bad."""
        return [change for change in self.changes if change.before is None and change.now not in BAD]

    @property
    def gone(self) -> list[Change]:
        """Not in the newer run."""
        return [change for change in self.changes if change.after is None]

    @property
    def times_compare(self) -> bool:
        """Whether both ran on the same kind of stack: else their times say nothing of each other."""
        return self.before.stack == self.after.stack

    @cached_property
    def pace(self) -> float:
        """How many times as long a scenario takes in the median: the machine, or all of the shop, rather than one."""
        ratios = [change.ratio for change in self._held_twice()]
        return median(ratios) if len(ratios) >= FEW else 1.0

    @property
    def slower(self) -> list[Change]:
        """Much slower than before, beyond the common pace; the worst first."""
        scale = max(1.0, self.pace)
        slow = [change for change in self._held_twice() if _is_slower(change, scale)]
        return sorted(slow, key=lambda change: change.added_ms, reverse=True)

    @property
    def slower_recoveries(self) -> list[Recovery]:
        """Faults of which the shop recovers more slowly than before."""
        slow = [each for each in self.recoveries if each.after_ms - each.before_ms >= RECOVERY_FLOOR_MS]
        return [each for each in slow if each.after_ms >= RATIO * each.before_ms * max(1.0, self.pace)]

    @property
    def recoveries(self) -> list[Recovery]:
        """Of each kind of fault that both runs had; none where times do not compare."""
        old, new = _recoveries(self.before), _recoveries(self.after)
        both = [key for key in new if key in old] if self.times_compare else []
        return [Recovery(*key, median(old[key]), median(new[key])) for key in both]

    def _held_twice(self) -> Iterator[Change]:
        for change in self.changes if self.times_compare else ():
            if change.was == change.now == "passed":
                yield change

    def document(self) -> dict[str, Any]:
        """The object that `report --compare --json` prints."""
        lists = ("broke", "mended", "still_broken", "otherwise", "new", "gone", "slower")
        return {
            "before": self.before.run,
            "after": self.after.run,
            "timesCompare": self.times_compare,
            "pace": round(self.pace, 3),
            **{to_camel(name): [change.document() for change in getattr(self, name)] for name in lists},
            "recoveries": [recovery.document() for recovery in self.recoveries],
        }


def _is_slower(change: Change, scale: float) -> bool:
    assert change.before is not None  # noqa: S101  # it was held twice
    expected = change.before.last.ms * scale
    return change.ratio >= RATIO * scale and change.added_ms - (expected - change.before.last.ms) >= FLOOR_MS


def _end(scenario: Scenario | None) -> str:
    if scenario is None:
        return "not run"
    return INTERRUPTED if scenario.is_cut_short else scenario.status


def _by_key(record: Record) -> dict[tuple[str, str, int], Scenario]:
    """By file and title, so that a line which moved changes nothing; those of one title by their order."""
    found: dict[tuple[str, str, int], Scenario] = {}
    counts: dict[tuple[str, str], int] = {}
    for scenario in record.scenarios:
        name = (scenario.file, scenario.title)
        counts[name] = counts.get(name, 0) + 1
        found[*name, counts[name]] = scenario
    return found


def _recoveries(record: Record) -> dict[tuple[str, str], list[float]]:
    found: dict[tuple[str, str], list[float]] = {}
    for fault in filter(_is_timed, record.faults):
        found.setdefault((fault.kind, fault.target), []).append(fault.recovery_ms or 0.0)
    return found


def _is_timed(fault: Fault) -> bool:
    return fault.state == "confirmed" and fault.recovery_ms is not None
