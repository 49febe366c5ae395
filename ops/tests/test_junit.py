"""The JUnit files as GitLab, GitHub's viewers and other people's parsers read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from ops.tests.journals import RUN, MadeUpRun, reported
from ops.tests.report.runs import written

PROBLEM = ({"type", "message"}, set[str]())
SCHEMA = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "file"},
        {"testcase"},
    ),
    "testcase": (
        {"name", "classname", "time", "file", "line"},
        {"failure", "error", "skipped", "flakyFailure", "system-out"},
    ),
    "failure": PROBLEM,
    "error": PROBLEM,
    "skipped": PROBLEM,
    "flakyFailure": PROBLEM,
    "system-out": (set[str](), set[str]()),
}
"""Element to its attributes and children: of Jenkins' junit-10.xsd, and the `file` and `line` that GitHub reads."""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Of a run with every kind of outcome."""
    directory = tmp_path / ".ops" / "runs" / RUN
    directory.mkdir(parents=True)
    run = MadeUpRun(directory)
    run.begin()
    run.passing()
    run.passing(13)
    run.failing()
    run.faulty(20, "mismatch")
    run.flaky()
    run.skipped()
    run.write("setup-failed", phase="start", message="orders did not get ready", log=["bind: in use"])
    run.end(1)
    reported(directory)
    return sorted((directory / "junit").glob("*.xml"))


def elements(files: list[Path]) -> Iterator[Element]:
    for file in files:
        yield from ElementTree.parse(file).getroot().iter()  # noqa: S314  # our own files


def cases(files: list[Path]) -> dict[str, Element]:
    return {case.get("name", ""): case for case in elements(files) if case.tag == "testcase"}


def test_nothing_is_written_that_the_schema_does_not_know(files: list[Path]) -> None:
    for element in elements(files):
        attributes, children = SCHEMA[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
    assert {element.tag for element in elements(files)} == set(SCHEMA)


def test_a_parser_of_others_finds_every_case_and_counts_the_same(files: list[Path]) -> None:
    parsed = [JUnitXml.fromfile(str(file)) for file in files]
    counted = [(xml.tests, xml.failures, xml.errors, xml.skipped) for xml in parsed]
    for xml in parsed:
        xml.update_statistics()  # type: ignore[no-untyped-call]  # it has no types
    assert counted == [(xml.tests, xml.failures, xml.errors, xml.skipped or 0) for xml in parsed]
    found = [case for xml in parsed for suite in xml if isinstance(suite, TestSuite) for case in suite]
    assert all(isinstance(case, TestCase) and case.name and case.classname and case.time is not None for case in found)
    kinds = [type(result) for case in found if isinstance(case, TestCase) for result in case.result]
    assert sorted(kind.__name__ for kind in kinds) == ["Error", "Failure", "Failure", "Skipped"]
    assert {Error, Failure, Skipped} == set(kinds)


def test_the_totals_stand_at_the_top(files: list[Path]) -> None:
    [orders] = [file for file in files if file.name == "orders.place_order.xml"]
    root = ElementTree.parse(orders).getroot()  # noqa: S314  # our own file
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "1", "0")
    assert root.get("time") == root[0].get("time")


def test_gitlab_gets_the_reason_as_text_and_the_report_as_attachment(files: list[Path]) -> None:
    failed = cases(files)["An unknown product is refused"]
    assert "expected refusal product-not-found" in (failed.findtext("failure") or "")
    attached = re.search(r"\[\[ATTACHMENT\|(?P<path>[^\[\]\|]+?)\]\]", failed.findtext("system-out") or "")
    assert attached is not None
    assert attached["path"] == f".ops/runs/{RUN}/report.html"
    assert failed.get("file") == "features/orders/place_order.feature"
    assert cases(files)["A paused service is waited for"].findtext("skipped") == "this stack cannot: pause"


def test_what_held_has_nothing_attached(files: list[Path]) -> None:
    held = cases(files)["A signed-in customer orders a product"]
    assert "ATTACHMENT" not in (held.findtext("system-out") or "")


def test_githubs_viewers_find_file_line_and_message(files: list[Path]) -> None:
    failed = cases(files)["An unknown product is refused"]
    assert (failed.get("file"), failed.get("line")) == ("features/orders/place_order.feature", "30")
    problem = failed.find("failure")
    assert problem is not None
    assert problem.get("message", "").startswith("AssertionError: expected refusal product-not-found")


def test_cases_of_one_name_are_told_apart(files: list[Path]) -> None:
    names = [(case.get("classname"), case.get("name")) for case in elements(files) if case.tag == "testcase"]
    assert len(set(names)) == len(names)
    assert ("orders.place_order", "A signed-in customer orders a product (line 13)") in names


def test_a_bench_has_a_case_for_each_measurement_that_fails_if_it_does_not_count(tmp_path: Path) -> None:
    page = written("benched", tmp_path)
    [file] = (page.parent / "junit").glob("*.xml")
    [suite] = JUnitXml.fromfile(str(file))

    assert (suite.name, suite.tests, suite.failures) == ("bench", 12, 1)
    [failed] = [case for case in suite if case.result]
    assert failed.name == "POST /things, 64 connections, other, round 1"
    assert failed.result[0].message == "3 answers were not 2xx"
