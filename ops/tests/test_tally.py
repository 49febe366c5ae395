"""Counting: what failed is never lost among what passed."""

from __future__ import annotations

from pathlib import Path

from ops.quality.results import Tally, of_junit

JUNIT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure/></testcase>
<testcase name="c"><error/></testcase><testcase name="d"><skipped/></testcase>
</testsuite></testsuites>"""


def test_cases_are_counted_by_their_end(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_text(JUNIT)
    assert of_junit(file, file) == Tally(passed=2, failed=4, skipped=2)


def test_a_report_that_was_never_written_is_a_failure(tmp_path: Path) -> None:
    assert of_junit(tmp_path / "none.xml") == Tally(failed=1)


def test_the_closing_line() -> None:
    assert str(Tally(3, 0, 1)) == "3 passed, 0 failed, 1 skipped"
