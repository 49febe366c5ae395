"""The last words of a run, on a terminal and in a pipe, and what GitHub gets to hear."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ops.errors import Exit
from ops.journal.record import Record
from ops.journal.runs import Run
from ops.run.github import job_summary, workflow_commands
from ops.run.summary import summary
from ops.run.verification import Proved
from ops.stacks.layout import ROOT
from ops.tests.journals import RUN, MadeUpRun, reported
from ops.tests.report.pages import page

TRACE = f"python3 -m ops trace orders.place_order.L30.1-{RUN}"


@pytest.fixture
def run(tmp_path: Path) -> MadeUpRun:
    made = MadeUpRun(tmp_path)
    made.begin()
    return made


@pytest.fixture
def whole(run: MadeUpRun) -> MadeUpRun:
    """A run with every kind of outcome."""
    run.passing()
    run.failing()
    run.faulty(20, "mismatch")
    run.flaky()
    run.skipped()
    run.end(1)
    return run


def words(run: MadeUpRun, code: Exit = Exit.FAILED, width: int | None = None, planned: int = 0) -> list[str]:
    proved = Proved(Run.open(run.directory), code, reported(run.directory), 21.4, planned)
    return summary(proved, width).plain.splitlines()


def strange(run: MadeUpRun) -> None:
    """A scenario that failed, whose request has the client's own ID."""
    scenario = run.start(5, "A malformed ID is replaced")
    run.write("request", scenario=scenario, requestId="short-1", method="GET", url="/", ms=1)
    run.finish(scenario, "failed", "echoed")


def test_a_failure_has_its_step_its_reason_in_one_line_and_the_command_that_traces_it(whole: MadeUpRun) -> None:
    lines = words(whole)
    at = lines.index("failed: features/orders/place_order.feature:30 An unknown product is refused")
    assert lines[at + 1 : at + 4] == [
        "  Then the order is refused as product-not-found",
        "  AssertionError: expected refusal product-not-found but got internal-error",
        f"  {TRACE}",
    ]


def test_a_request_whose_id_does_not_name_the_run_is_traced_with_the_run(run: MadeUpRun) -> None:
    strange(run)
    assert f"  python3 -m ops trace --run {RUN} short-1" in words(run)
    assert f"`python3 -m ops trace --run {RUN} short-1`" in job_summary(Record.read(run.journal.path), "")


def test_at_a_url_no_trace_is_offered(tmp_path: Path) -> None:
    made = MadeUpRun(tmp_path)
    made.begin("url")
    strange(made)
    said = "request short-1; the logs of a stack at a URL cannot be read from here"
    assert f"  {said}" in words(made)
    assert said in job_summary(Record.read(made.journal.path), "")
    [command] = workflow_commands(Record.read(made.journal.path))
    assert command.endswith(f"%0A{said}")


def test_the_verdict_and_the_path_of_the_report_stand_last(whole: MadeUpRun) -> None:
    assert words(whole)[-2:] == [
        "a promise is broken: 1 passed, 2 failed, 1 skipped, 1 flaky in 21.4 s",
        f"report: {whole.directory}/report.html",
    ]


def test_what_was_skipped_is_told(whole: MadeUpRun) -> None:
    lines = words(whole)
    at = lines.index("skipped: 1, this stack cannot: pause")
    assert lines[at + 1] == "  features/orders/place_order.feature:70 A paused service is waited for"


def test_what_was_skipped_is_grouped_by_reason_and_several_of_a_feature_are_a_line(run: MadeUpRun) -> None:
    for line, reason in ((70, "no pause"), (20, "no kill"), (40, "no pause"), (50, "no pause")):
        run.finish(run.start(line, f"Scenario {line}"), "skipped", reason)
    run.finish(run.start(7, "Another", feature="b"), "skipped", "no pause")
    run.end()
    lines = words(run, Exit.HELD)
    assert lines[: lines.index(next(line for line in lines if line.startswith("all held")))] == [
        "skipped: 4, no pause",
        "  features/b.feature:7 Another",
        "  features/orders/place_order.feature:40, 50, 70",
        "skipped: 1, no kill",
        "  features/orders/place_order.feature:20 Scenario 20",
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"leftOut": "the scenarios tagged @slow"}, "the scenarios tagged @slow"),
        (
            {"tags": ["@P7-01 or @P7-02", "not @slow"]},
            "the scenarios that `--tags '@P7-01 or @P7-02' --tags 'not @slow'` does not select",
        ),
    ],
)
def test_what_was_left_out_is_told_on_the_terminal_the_page_and_github(
    tmp_path: Path, asked: dict[str, Any], said: str
) -> None:
    run = MadeUpRun(tmp_path)
    run.begin(**asked)
    run.passing()
    run.end()
    assert f"left out: {said}" in words(run, Exit.HELD)
    assert page(run).text.count(f"Left out: {said.replace('`', '')}") == 2
    assert f"Left out: {said}." in job_summary(Record.read(run.journal.path), "")


def test_a_criterion_is_not_proven_by_half_of_its_scenarios(run: MadeUpRun) -> None:
    run.passing(1, "one", "P7-02.2")
    run.skipped()
    assert "proven in part: P7-02.2 (passed, 1 of 2 skipped)" in words(run, Exit.HELD)
    github = job_summary(Record.read(run.journal.path), "")
    assert "| P7-02.2 | Logs name the status | 2 | **passed, 1 of 2 skipped** |" in github


def test_the_slowest_five_are_named(run: MadeUpRun) -> None:
    for line, ms in enumerate((100, 5000, 200, 3000, 400, 300), 1):
        scenario = run.start(line, f"Number {line}")
        run.write("scenario-finished", id=scenario, status="passed", ms=ms)
    lines = words(run, Exit.HELD)
    assert lines[0] == "slowest  5.0 s  features/orders/place_order.feature:2 Number 2"
    assert [re.search(r"Number (\d)", line)[1] for line in lines[:5]] == ["2", "4", "5", "6", "3"]  # type: ignore[index]
    assert lines[5].startswith("all held: 6 passed")


@pytest.mark.parametrize("width", [80, 60])
def test_on_a_terminal_only_what_is_to_be_copied_is_longer_than_a_line(whole: MadeUpRun, width: int) -> None:
    long = [line for line in words(whole, width=width) if len(line) > width]
    assert all("ops trace" in line or line.startswith("report: ") for line in long)


def test_of_very_many_failures_each_feature_is_told_first(run: MadeUpRun) -> None:
    for line in range(14):
        run.failing(line, f"Number {line}")
    run.failing(3, "Elsewhere", feature="users/profile")
    told = [line for line in words(run) if line.startswith("failed: ")]
    assert ("Number 0" in told[0], "Elsewhere" in told[1], "Number 1" in told[2]) == (True, True, True)


def test_a_check_that_ended_with_a_traceback_says_where(run: MadeUpRun) -> None:
    frame = f'  File "{ROOT / "services/products/routes.py"}", line 3\n    x =\n      ^\n'
    traceback = f"ended with 1: Traceback (most recent call last):\n{frame}SyntaxError: invalid syntax"
    run.write("check", name="openapi (products)", ok=False, detail=traceback, ms=31.5)
    told = words(run)
    check = told.index("check failed: openapi (products): ended with 1: SyntaxError: invalid syntax")
    assert told[check + 1].strip() == "services/products/routes.py:3"


def test_of_very_many_failures_only_some_are_told(run: MadeUpRun) -> None:
    for line in range(14):
        run.failing(line, f"Number {line}")
    lines = words(run)
    assert len([line for line in lines if line.startswith("failed: ")]) == 10
    assert "… and 4 more, in the report" in lines


def test_a_set_up_failure_is_told(run: MadeUpRun) -> None:
    run.write("setup-failed", phase="StackNotReady", message="orders ended before\nit was ready", log=["bind"])
    assert "set-up failed: orders ended before it was ready" in words(run, Exit.NOT_READY)


def test_a_run_whose_set_up_failed_has_no_failed_scenario(run: MadeUpRun) -> None:
    run.write("setup-failed", phase="before_all", message="NameError: x")
    assert (
        words(run, Exit.FAILED, planned=3)[-2]
        == "the set-up failed: 0 passed, 0 failed, 0 skipped, 3 not run in 21.4 s"
    )


def test_a_scenario_that_the_harness_spoiled_has_not_failed(run: MadeUpRun) -> None:
    scenario = run.start(5, "An order is placed")
    run.finish(scenario, "not-proven", "harness: the fault proxy stood still for 4.0 s", harness=True)
    lines = words(run, Exit.NOT_PROVEN)
    assert "  harness: the fault proxy stood still for 4.0 s" in lines
    verdict = "not all is proven, as the harness was in trouble: 0 passed, 0 failed, 0 skipped, 1 not proven in 21.4 s"
    assert verdict in lines


def test_a_check_that_failed_is_told(run: MadeUpRun) -> None:
    run.write("check", name="timeouts", ok=False, detail="orders waits longer\nthan the gateway", ms=1)
    assert "check failed: timeouts: orders waits longer than the gateway" in words(run, Exit.CONFIGURATION)


def test_a_check_that_ended_with_a_traceback_names_its_last_line(run: MadeUpRun) -> None:
    detail = (
        "orders openapi ended with 1: Traceback (most recent call last):\n"
        + '  File "/srv/services/orders/routes.py", line 12, in <module>\n    made()\n' * 9
        + "SyntaxError: expected ':'"
    )
    run.write("check", name="openapi (orders)", ok=False, detail=detail, ms=1)
    told = "orders openapi ended with 1: SyntaxError: expected ':'"
    assert f"check failed: openapi (orders): {told}" in words(run, Exit.CONFIGURATION)
    assert f"- **openapi (orders)**: {told}" in job_summary(Record.read(run.journal.path), "")
    case = ElementTree.parse(run.directory / "junit" / "checks.xml").find(".//failure")  # noqa: S314  # our own file
    assert case is not None
    assert case.get("message") == told


def test_an_interrupted_scenario_has_not_failed_and_what_had_not_begun_is_counted(run: MadeUpRun) -> None:
    run.passing()
    scenario = run.start(40, "One that was under way")
    run.step(scenario, "Given", "a signed-in customer", "failed", error="interrupted")
    run.finish(scenario, "failed", "interrupted", interrupted=True)
    run.start(41, "One that behave could not end")
    run.end(130, interrupted=True)
    lines = words(run, Exit.INTERRUPTED, planned=361)
    assert lines[-2] == "interrupted: 1 passed, 0 failed, 0 skipped, 2 interrupted, 358 not run in 21.4 s"
    assert "interrupted: features/orders/place_order.feature:40 One that was under way" in lines
    assert not any("ops trace" in line for line in lines)


def test_github_marks_the_line_of_the_feature(whole: MadeUpRun) -> None:
    found = list(workflow_commands(Record.read(whole.journal.path)))
    assert found[0] == (
        "::error file=features/orders/place_order.feature,line=30,title=An unknown product is refused::"
        f"AssertionError: expected refusal product-not-found%0Abut got internal-error%0A{TRACE}"
    )
    assert [each.split(" ")[0] for each in found] == ["::error", "::error", "::warning"]


def test_github_never_takes_text_for_a_command(run: MadeUpRun) -> None:
    scenario = run.start(1, "100%: a, b\n::error::x")
    run.finish(scenario, "failed", "50%\r\n::set-output name=x::y")
    [only] = workflow_commands(Record.read(run.journal.path))
    assert "\n" not in only
    assert "title=100%25%3A a%2C b%0A%3A%3Aerror%3A%3Ax::50%25%0A::set-output" in only


def test_github_gets_no_more_than_it_shows(run: MadeUpRun) -> None:
    for line in range(14):
        run.failing(line)
    assert len(list(workflow_commands(Record.read(run.journal.path)))) == 10


def test_githubs_summary_says_how_many_failures_it_leaves_to_the_report(run: MadeUpRun) -> None:
    for line in range(14):
        run.failing(line)
    said = job_summary(Record.read(run.journal.path), "")
    assert said.count("An unknown product is refused: AssertionError") == 10
    assert "\n- … and 4 more, in the report\n" in said


def test_githubs_summary_has_the_verdict_the_failures_and_the_criteria(whole: MadeUpRun) -> None:
    said = job_summary(Record.read(whole.journal.path), "a promise is broken: 1 failed")
    assert said.startswith("### a promise is broken: 1 failed\n\n")
    assert "- `features/orders/place_order.feature:30` An unknown product is refused: AssertionError" in said
    assert f"`{TRACE}`" in said
    assert "| P7-01.2 | An unknown product is answered with 404 | 1 | **failed** |" in said
    assert "| P7-05.1 | The checklist was run | 0 | **not run** |" in said
