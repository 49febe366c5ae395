"""Which scenarios a run will come to, and in which order, known before behave starts."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path

from behave.parser import ParserError, parse_file
from behave.tag_expression import make_tag_expression

from ops.errors import WrongUsage
from ops.system import current

ALONE = "alone"
"""The tag of a scenario that others on the same stack would notice."""

SLOW = "slow"
OPERATORS = frozenset({"and", "or", "not"})


@dataclass(frozen=True)
class Planned:
    """One scenario, or one row of an outline: where it stands, and all the tags that hold for it."""

    file: Path
    line: int
    tags: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """As the journal has it: "features/carts/fill.feature:12"."""
        return f"{self.file.relative_to(current().root)}:{self.line}"


def select(tags: Sequence[str], features: Path) -> list[Planned] | None:
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


def require(planned: Sequence[Planned] | None, tags: Sequence[str], features: Path) -> None:
    """Raises WrongUsage when these tags selected nothing, naming the first that no scenario has, and its nearest."""
    if planned or planned is None:
        return
    known = {tag for one in select((), features) or () for tag in one.tags}
    strange = [tag for tag in _named(tags) if not any(fnmatch(there, tag) for there in known)]
    if not strange:
        raise WrongUsage("no scenario matches " + " ".join(f"--tags {expression!r}" for expression in tags))
    near = [f"@{tag}" for tag in get_close_matches(strange[0], sorted(known), n=3)]
    nearest = f"; the nearest {'are' if near[1:] else 'is'} {', '.join(near)}" if near else ""
    raise WrongUsage(f"no scenario is tagged @{strange[0]}{nearest}")


def _named(tags: Sequence[str]) -> list[str]:
    words = [word.removeprefix("@") for expression in tags for word in re.findall(r"[^\s(),~]+", expression)]
    return [word for word in words if word not in OPERATORS]


def for_workers(planned: Iterable[Planned]) -> list[Planned]:
    """The slow ones first, so that no worker is left with one at the end; those that must be alone last."""
    return sorted(planned, key=lambda one: (ALONE in one.tags, not any(tag.startswith(SLOW) for tag in one.tags)))


def shuffled(planned: Iterable[Planned], seed: int) -> list[Planned]:
    """In an order of their own for each seed; those that must be alone come last, in any order among themselves."""
    mixed = list(planned)
    random.Random(seed).shuffle(mixed)  # noqa: S311  # an order, no secret
    return sorted(mixed, key=lambda one: ALONE in one.tags)
