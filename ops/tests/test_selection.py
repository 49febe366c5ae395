"""Which scenarios there will be, and in which order, known before behave has begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.errors import WrongUsage
from ops.run.selection import Planned, for_workers, require, select, shuffled

FEATURE = """
Feature: Orders
  Scenario: One
    Given nothing
  @slow
  Scenario: Two
    Given nothing
  Rule: More of it
    @slow
    Scenario Outline: Rows
      Given <what>
      Examples:
        | what |
        | a    |
        | b    |
      @P7-01
      Examples: tagged
        | what |
        | c    |
"""


def lines(*tags: str, features: Path) -> list[int]:
    planned = select(tags, features)
    assert planned is not None
    return [one.line for one in planned]


def test_rows_are_counted_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "one.feature").write_text(FEATURE)
    assert lines(features=tmp_path) == [3, 6, 14, 15, 19]
    assert lines("@slow", features=tmp_path) == [6, 14, 15, 19]
    assert lines("not @slow", features=tmp_path) == [3]
    assert lines("@slow", "@P7-01", features=tmp_path) == [19]


def test_what_cannot_be_read_is_behaves_to_tell(tmp_path: Path) -> None:
    (tmp_path / "one.feature").write_text("Nonsense")
    assert select((), tmp_path) is None


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        (("@P7-99",), "no scenario is tagged @P7-99; the nearest is @P7-01"),
        (("@slwo and not @P7-01",), "no scenario is tagged @slwo; the nearest is @slow"),
        (("@zzz",), "no scenario is tagged @zzz"),
        (("P7-99",), "no scenario is tagged @P7-99; the nearest is @P7-01"),
        (("@P7-01 and not @slow",), "no scenario matches --tags '@P7-01 and not @slow'"),
        (("@P7-*", "not @slow"), "no scenario matches --tags '@P7-*' --tags 'not @slow'"),
        (("@X-*",), "no scenario is tagged @X-*"),
    ],
)
def test_that_nothing_is_selected_is_told_with_the_nearest_tags(
    tags: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    (tmp_path / "one.feature").write_text(FEATURE)
    with pytest.raises(WrongUsage) as refused:
        require(select(tags, tmp_path), tags, tmp_path)
    assert str(refused.value) == why


def test_what_selects_something_or_cannot_be_read_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "one.feature").write_text(FEATURE)
    require(select(("@slow or @P7-99",), tmp_path), ("@slow or @P7-99",), tmp_path)
    require(None, ("@P7-99",), tmp_path)


def planned(line: int, *tags: str) -> Planned:
    return Planned(Path("one.feature"), line, frozenset(tags))


MIXED = [
    planned(1),
    planned(2, "alone"),
    planned(3, "slow"),
    planned(4),
    planned(5, "alone", "slow"),
    planned(6, "slow"),
]


def test_workers_begin_with_what_is_slow_and_end_with_what_must_be_alone() -> None:
    assert [one.line for one in for_workers(MIXED)] == [3, 6, 1, 4, 5, 2]


def test_a_seed_stands_for_an_order() -> None:
    orders = {tuple(one.line for one in shuffled(MIXED, seed)) for seed in range(50)}
    assert len(orders) > 10
    assert shuffled(MIXED, 7) == shuffled(MIXED, 7)
    assert all(sorted(order) == [1, 2, 3, 4, 5, 6] for order in orders)
    assert all(set(order[-2:]) == {2, 5} for order in orders)
