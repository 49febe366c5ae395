"""Rounds in which stacks take turns, so that what the machine does meanwhile meets them all alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ops.bench import results
from ops.bench.load import Generator
from ops.bench.subject import Subject
from ops.journal.events import Measurement, Summary
from ops.journal.measurements import Bench
from ops.journal.runs import Run
from ops.progress import Progress


@dataclass(frozen=True)
class Plan:
    """Which requests, over how many connections, for how many seconds each, in how many rounds."""

    kinds: Sequence[str]
    connections: Sequence[int]
    rounds: int
    seconds: float

    @property
    def words(self) -> str:
        """In words."""
        counts = ", ".join(map(str, self.connections))
        return f"{self.rounds} × {self.seconds:g} s each at {counts} connections"


def measure(
    plan: Plan, subjects: Sequence[Subject], generator: Generator, say: Callable[[str], None]
) -> Iterator[Measurement]:
    """Every measurement as it is made. Raises OpsError when a stack does not do its work.

    Within a round every stack has its turn at a kind and connections before the next ones; every other round in the
    opposite order (A B B A), so that none always has what the one before it left.
    """
    for number in range(1, plan.rounds + 1):
        for subject in subjects:
            subject.prepare(plan.kinds)
        for kind in plan.kinds:
            for connections in plan.connections:
                for subject in subjects if number % 2 else reversed(subjects):
                    say(f"round {number} of {plan.rounds}: {kind}, {connections} connections, {subject.name}")
                    yield subject.load(number, kind, connections, plan.seconds, generator)
        for subject in subjects:
            subject.check(plan.kinds)


def record(
    plan: Plan, subjects: Sequence[Subject], generator: Generator, figures: Bench, run: Run, progress: Progress
) -> None:
    """Every measurement goes into the figures, and into the run's journal as it is made; also those before a failure.

    Raises OpsError as `measure` does.
    """
    try:
        with progress.rows() as rows:
            for one in measure(plan, subjects, generator, lambda words: rows.show("load", words)):
                figures.measurements.append(one)
                run.journal.write(one)
                if one.void:
                    progress.say(f"✗ {one.request}, {one.connections} connections, {one.stack}: {one.void}", "bad")
    finally:
        results.write(run, figures)
        run.journal.write(Summary(words=f"{figures.plan.loop.capitalize()} loop, {plan.words}"))
