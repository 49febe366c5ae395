"""Which scenarios a run will come to, and in which order, known before behave starts."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from behave.parser import ParserError, parse_file
from behave.tag_expression import make_tag_expression

from ops.stacks.layout import ROOT

FEATURES = ROOT / "features"
ALONE = "alone"
SLOW = "slow"


@dataclass(frozen=True)
class Planned:
    """One scenario, or one row of an outline: where it stands, and all the tags that hold for it."""

    file: Path
    line: int
    tags: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """As the journal has it: "features/orders/place_order.feature:12"."""
        return f"{self.file.relative_to(ROOT)}:{self.line}"


def select(tags: Sequence[str], features: Path = FEATURES) -> list[Planned] | None:
    """The scenarios, rows one by one, that have tags for which all expressions hold, as they stand in the features.

    None when a feature cannot be read: behave will say which and why.
    """
    wanted = [make_tag_expression(expression) for expression in tags]
    files = sorted(features.rglob("*.feature"))
    try:
        parsed = [(file, parse_file(str(file))) for file in files]
    except ParserError:
        return None
    return [
        Planned(file, scenario.line, frozenset(scenario.effective_tags))
        for file, feature in parsed
        for scenario in (feature.walk_scenarios() if feature else ())
        if all(scenario.should_run_with_tags(each) for each in wanted)
    ]


def for_lanes(planned: Iterable[Planned]) -> list[Planned]:
    """The slow ones first, so that no lane is left with one at the end; those that must be alone last."""
    return sorted(planned, key=lambda one: (ALONE in one.tags, SLOW not in one.tags))


def shuffled(planned: Iterable[Planned], seed: int) -> list[Planned]:
    """In an order of their own for each seed; those that must be alone come last, in any order among themselves."""
    mixed = list(planned)
    random.Random(seed).shuffle(mixed)  # noqa: S311  # an order, no secret
    return sorted(mixed, key=lambda one: ALONE in one.tags)
