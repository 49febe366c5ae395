"""How many scenarios there will be, known before behave has begun."""

from __future__ import annotations

from pathlib import Path

from ops.proof.selection import count

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


def test_rows_are_counted_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "one.feature").write_text(FEATURE)
    assert count((), tmp_path) == 5
    assert count(("@slow",), tmp_path) == 4
    assert count(("not @slow",), tmp_path) == 1
    assert count(("@slow", "@P7-01"), tmp_path) == 1


def test_what_cannot_be_read_is_behaves_to_tell(tmp_path: Path) -> None:
    (tmp_path / "one.feature").write_text("Nonsense")
    assert count((), tmp_path) is None
