"""What others on the same stack would notice runs alone: held to the features as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from behave.parser import parse_file

from ops.faults.catalogue import ROWS
from ops.run.selection import ALONE
from ops.system import HARNESS

OF_ALL = {"usage", *(row.capability for row in ROWS)} - {"wire-faults"}
"""Capabilities to do something to a whole service or link, or to measure what a service uses."""

UNREACHABLE = "it cannot be reached"


def scenarios() -> Iterator[Any]:
    for file in sorted((HARNESS / "features").rglob("*.feature")):
        yield from parse_file(str(file)).walk_scenarios()


def is_noticed(scenario: Any) -> bool:
    needs = {tag.removeprefix("needs.") for tag in scenario.effective_tags}
    return bool(needs & OF_ALL) or any(UNREACHABLE in step.name for step in scenario.all_steps)


def test_what_others_would_notice_runs_alone() -> None:
    noticed = [scenario for scenario in scenarios() if is_noticed(scenario)]
    assert [str(one.location) for one in noticed if ALONE not in one.effective_tags] == []
    assert len(noticed) > 20


def test_the_capabilities_are_those_that_features_need() -> None:
    needs = {tag for scenario in scenarios() for tag in scenario.effective_tags}
    assert {f"needs.{capability}" for capability in OF_ALL} <= needs
