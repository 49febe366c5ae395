"""Which scenarios a run will come to, known before behave starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from behave.parser import ParserError, parse_file
from behave.tag_expression import make_tag_expression

from ops.stacks.layout import ROOT

FEATURES = ROOT / "features"


def count(tags: Sequence[str], features: Path = FEATURES) -> int | None:
    """How many scenarios, rows counted one by one, have tags for which all expressions hold.

    None when a feature cannot be read: behave will say which and why.
    """
    wanted = [make_tag_expression(expression) for expression in tags]
    try:
        parsed = [parse_file(str(file)) for file in sorted(features.rglob("*.feature"))]
    except ParserError:
        return None
    scenarios = [scenario for feature in parsed if feature for scenario in feature.walk_scenarios()]
    return sum(all(scenario.should_run_with_tags(each) for each in wanted) for scenario in scenarios)
