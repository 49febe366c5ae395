"""The figures of a run, for people and for programs."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.history.checking import Finding, Wrong
from ops.history.endurance import Plan

SHOWN = 20


@dataclass(frozen=True)
class Summary:
    """What came of a plan; `recoveries` in seconds, one a round that was had."""

    plan: Plan
    finding: Finding
    recoveries: Sequence[float]
    seconds: float
    history: Path

    def document(self) -> dict[str, Any]:
        """What `--json` prints."""
        finding = self.finding
        return {
            "rounds": len(self.recoveries),
            "customers": self.plan.customers,
            "seed": self.plan.seed,
            "acknowledged": finding.acknowledged,
            "unknown": finding.unknown,
            "found": finding.found,
            "failed": finding.failed,
            **{str(wrong): finding.count(wrong) for wrong in Wrong},
            "violations": [str(violation) for violation in finding.violations],
            "recoveryMs": {"median": _ms(statistics.median(self.recoveries)), "max": _ms(max(self.recoveries))},
            "seconds": round(self.seconds, 1),
            "history": str(self.history),
        }

    def text(self) -> str:
        """A few lines, the broken promises first, the verdict last."""
        return "\n".join([*self._violations(), *self._figures()])

    def _violations(self) -> Iterator[str]:
        violations = self.finding.violations
        yield from map(str, violations[:SHOWN])
        if len(violations) > SHOWN:
            yield f"… and {len(violations) - SHOWN} more"

    def _figures(self) -> Iterator[str]:
        finding, document = self.finding, self.document()
        recovery = document["recoveryMs"]
        wrongs = ", ".join(f"{wrong} {finding.count(wrong)}" for wrong in Wrong)
        yield f"history: {self.history}"
        yield f"kill → first acknowledged order: median {recovery['median']} ms, max {recovery['max']} ms"
        yield (
            f"{'a promise is broken' if finding.violations else 'all held'}: {document['rounds']} rounds,"
            f" acknowledged {finding.acknowledged}, unknown {finding.unknown} (of which found {finding.found}),"
            f" refused {finding.failed}, {wrongs} in {self.seconds:.1f} s (seed {self.plan.seed})"
        )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
