"""The figures of a run, for people and for programs."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.history.checking import Finding, Wrong, in_words
from ops.history.endurance import Endurance
from ops.report.wording import counted


@dataclass(frozen=True)
class Summary:
    """What came of an endurance, in so many seconds."""

    endurance: Endurance
    seconds: float

    @property
    def finding(self) -> Finding:
        """The last one."""
        return self.endurance.finding

    def document(self) -> dict[str, Any]:
        """What `--json` prints."""
        finding, plan, recoveries = self.finding, self.endurance.plan, self.endurance.recoveries
        return {
            "run": self.endurance.run.id,
            "rounds": len(recoveries),
            "customers": plan.customers,
            "seed": plan.seed,
            "acknowledged": finding.acknowledged,
            "unknown": finding.unknown,
            "found": finding.found,
            "failed": finding.failed,
            **{str(wrong): finding.count(wrong) for wrong in Wrong},
            "violations": [str(violation) for violation in finding.violations],
            "recoveryMs": {"median": _ms(statistics.median(recoveries)), "max": _ms(max(recoveries))},
            "seconds": round(self.seconds, 1),
            "history": _from_here(self.endurance.history.file),
            "report": _from_here(self.endurance.run.directory / "report.html"),
        }

    def text(self) -> str:
        """A few lines, the broken promises first, the verdict last."""
        return "\n".join([*in_words(self.finding.violations, self.endurance.run.id), *self._figures()])

    def verdict(self) -> str:
        """In one sentence."""
        finding = self.finding
        wrongs = ", ".join(f"{wrong} {finding.count(wrong)}" for wrong in Wrong)
        verdict = "a promise is broken" if finding.violations else "all held"
        return (
            f"{verdict}: {counted(len(self.endurance.recoveries), 'round')},"
            f" acknowledged {finding.acknowledged}, unknown {finding.unknown} (of which found {finding.found}),"
            f" refused {finding.failed}, {wrongs} in {self.seconds:.1f} s (seed {self.endurance.plan.seed})"
        )

    def account(self) -> str:
        """In a sentence for people."""
        finding = self.finding
        wrongs = [f"{finding.count(wrong):,} {wrong}" for wrong in Wrong if finding.count(wrong)]
        if wrongs:
            came = f"{', '.join(wrongs)} (the seed was {self.endurance.plan.seed})"
            return f"{finding.acknowledged:,} orders were acknowledged, {finding.unknown:,} left open: {came}"
        return (
            f"{finding.acknowledged:,} orders were acknowledged, and each is there exactly once;"
            f" of {finding.unknown:,} that were left open {finding.found:,} are there, none twice"
        )

    def _figures(self) -> Iterator[str]:
        document = self.document()
        recovery = document["recoveryMs"]
        yield f"history: {document['history']}"
        yield f"kill → first acknowledged order: median {recovery['median']} ms, max {recovery['max']} ms"
        yield self.verdict()
        yield f"report: {document['report']}"


def _from_here(file: Path) -> str:
    return os.path.relpath(file)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
