"""Every report of a run, made from its journal alone and read back as others would read it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ops.journal.record import Record, Verdict
from ops.tests.journals import RUN, MadeUpRun, reported
from ops.tests.report.pages import page

pytestmark = pytest.mark.whole


HOSTILE = "</pre><script>alert(1)</script>\"'|`*_\x00\ud800 {{ 7*7 }} ]]> &amp;"
TRACEBACK = 'Traceback (most recent call last):\n  File "x", line 1'


def test_the_versions_that_a_stack_tells_of_are_the_true_ones(run: MadeUpRun) -> None:
    run.begin("compose")
    run.write("versions", versions={"nginx": "1.26.3", "docker engine": "28.5.1"})

    versions = Record.read(run.journal.path).versions

    assert (versions["nginx"], versions["docker engine"], versions["python"]) == ("1.26.3", "28.5.1", "3.11.7")


def parse(file: Path) -> ElementTree.Element:
    return ElementTree.parse(file).getroot()  # noqa: S314 - our own files


def cases(run: MadeUpRun) -> dict[str, ElementTree.Element]:
    found = [case for file in (run.directory / "junit").glob("*.xml") for case in parse(file).iter("testcase")]
    return {f"{case.get('classname')}: {case.get('name')}": case for case in found}


def suites(run: MadeUpRun) -> dict[str, tuple[int, int, int, int]]:
    roots = {file.name: parse(file)[0] for file in sorted((run.directory / "junit").glob("*.xml"))}
    names = ("tests", "failures", "errors", "skipped")
    return {name: tuple(int(suite.get(one, "-1")) for one in names) for name, suite in roots.items()}  # type: ignore[misc]


def test_every_outcome_is_counted(whole: MadeUpRun) -> None:
    assert reported(whole.directory).verdict == Verdict(passed=2, failed=1, skipped=1, flaky=1, not_proven=1, ok=False)


def test_a_run_in_which_all_held_is_ok(run: MadeUpRun) -> None:
    run.begin()
    run.passing()
    run.skipped()
    run.end()

    assert reported(run.directory).verdict == Verdict(passed=1, failed=0, skipped=1, flaky=0, not_proven=0, ok=True)
    assert "The one scenario held." in page(run).text


def test_junit_has_a_file_for_each_feature_that_counts_right(whole: MadeUpRun) -> None:
    reported(whole.directory)

    assert suites(whole) == {
        "checks.xml": (2, 0, 0, 0),
        "orders.place_order.xml": (4, 1, 0, 1),
        "resilience.peer_failures.xml": (2, 0, 1, 0),
    }


def test_a_failure_in_junit_names_its_reason_and_the_request_to_look_at(whole: MadeUpRun) -> None:
    reported(whole.directory)

    case = cases(whole)["orders.place_order: An unknown product is refused"]
    failure = case.find("failure")
    assert failure is not None
    request_id = f"orders.place_order.L30.1-{RUN}"
    told = "AssertionError: expected refusal product-not-found but got internal-error"
    assert failure.get("message") == f"{told} [request: {request_id}]"
    assert "but got internal-error" in (failure.text or "")
    assert f"{request_id}  POST http://127.0.0.1:43117/orders -> 500, 8.4 ms" in (case.findtext("system-out") or "")
    assert (case.get("file"), case.get("line"), case.get("time")) == (
        "features/orders/place_order.feature",
        "30",
        "0.042",
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("expected 404\nbut got 500", "expected 404 but got 500"),
        (f"{TRACEBACK}\n    y()\nAssertionError: one\ntwo", "AssertionError: one two"),
        ("", "undefined: Then it is so"),
    ],
)
def test_without_a_reason_the_failing_step_gives_it(run: MadeUpRun, error: str, message: str) -> None:
    run.begin()
    scenario = run.start(5, "One that fails")
    run.step(scenario, "Given", "a customer")
    run.step(scenario, "Then", "it is so", "failed" if error else "undefined", error=error)
    run.finish(scenario, "failed")
    run.end(1)

    reported(run.directory)

    failure = cases(run)["orders.place_order: One that fails"].find("failure")
    assert failure is not None
    assert failure.get("message") == message
    assert message in " ".join(page(run).text.split())


def test_a_fault_that_did_not_take_effect_is_an_error_in_junit(whole: MadeUpRun) -> None:
    reported(whole.directory)

    path = whole.directory / "junit" / "resilience.peer_failures.xml"
    [error] = parse(path).iter("error")
    assert error.get("type") == "not-proven"
    assert "took effect never" in error.get("message", "")


def test_a_flaky_scenario_keeps_its_failed_try(whole: MadeUpRun) -> None:
    reported(whole.directory)

    case = cases(whole)["orders.place_order: Twenty at once make one order"]
    assert [flake.get("message") for flake in case.iter("flakyFailure")] == ["AssertionError: two orders"]
    tries = page(whole).scenarios["s-features-orders-place-order-feature-50"]["tries"]
    assert [one["status"] for one in tries] == ["failed", "passed"]


def test_a_skipped_scenario_says_why(whole: MadeUpRun) -> None:
    reported(whole.directory)

    skipped = cases(whole)["orders.place_order: A paused service is waited for"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "this stack cannot: pause"
    assert "this stack cannot: pause" in page(whole).text


def test_a_set_up_failure_is_a_failing_case_and_stands_on_top(run: MadeUpRun) -> None:
    run.begin()
    run.write("setup-failed", phase="start", message="orders did not get ready", log=["bind: address in use"])
    run.end(4)

    verdict = reported(run.directory).verdict

    assert (verdict.failed, verdict.ok) == (0, False)
    assert suites(run)["set-up.xml"] == (1, 1, 0, 0)
    failure = cases(run)["set-up: start"].find("failure")
    assert failure is not None
    assert "bind: address in use" in (failure.text or "")
    assert "The set-up failed: orders did not get ready." in page(run).text
    assert "bind: address in use" in page(run).text


def test_a_failed_check_fails_the_run(run: MadeUpRun) -> None:
    run.begin()
    run.passing()
    run.write("check", name="gixy", ok=False, detail="nginx.conf:7 host spoofing", ms=1)
    run.end(3)

    assert not reported(run.directory).verdict.ok
    assert suites(run)["checks.xml"] == (3, 1, 0, 0)
    assert "A check failed: gixy." in page(run).text


def test_a_run_killed_in_the_middle_is_told_up_to_there(run: MadeUpRun) -> None:
    run.begin()
    run.passing()
    scenario = run.start(40, "A scenario that never ended", "P7-01.1")
    run.step(scenario, "Given", "a signed-in customer")
    with run.journal.path.open("a") as journal:
        journal.write('{"schema": 1, "event": "scenario-fini')

    verdict = reported(run.directory).verdict

    assert (verdict.passed, verdict.failed, verdict.ok) == (1, 1, False)
    failure = cases(run)["orders.place_order: A scenario that never ended"].find("failure")
    assert failure is not None
    assert failure.get("message") == "interrupted"
    assert "interrupted" in page(run).text


def test_an_interrupted_run_is_not_ok_though_all_that_ran_held(run: MadeUpRun) -> None:
    run.begin()
    run.passing()
    run.end(130, interrupted=True)

    assert not reported(run.directory).verdict.ok
    assert "Interrupted after 1 scenario." in page(run).text


def test_a_run_in_which_nothing_ran_is_not_green(run: MadeUpRun) -> None:
    run.begin()
    run.end()

    assert reported(run.directory).verdict == Verdict(0, 0, 0, 0, 0, ok=False)
    assert suites(run)["set-up.xml"] == (1, 1, 0, 0)
    assert "No scenario ran." in page(run).text


def test_where_others_made_the_requests_there_are_none_to_count(run: MadeUpRun) -> None:
    """As in the smoke checklist, whose commands ask."""
    run.begin()
    run.finish(run.start(12, "A product is looked up", "smoke"))
    run.end()
    reported(run.directory)
    assert "Requests" not in page(run).text


def test_an_empty_journal_has_reports_too(run: MadeUpRun) -> None:
    run.journal.path.touch()

    assert not reported(run.directory).verdict.ok
    assert "No scenario ran." in page(run).text


def test_damage_to_the_journal_is_told(run: MadeUpRun) -> None:
    run.begin()
    with run.journal.path.open("a") as journal:
        journal.write("rubbish\n")
    run.passing()
    run.end()

    assert reported(run.directory).verdict.ok
    assert "1 line of the journal could not be read" in page(run).text


def test_acceptance_shows_each_criterion_with_its_proof(whole: MadeUpRun) -> None:
    reported(whole.directory)

    lines = (whole.directory / "acceptance.md").read_text().splitlines()
    assert f"Run `{RUN}` on stack `local`, begun 2026-11-22T23:05:01.012Z. 0 of 6 criteria are proven." in lines
    assert "## P7-01 Create an order" in lines
    first = (
        "| 1 | A missing or invalid token is answered with 401, and the repository is never touched | – | **not run** |"
    )
    assert first in lines
    unknown = "An unknown product is refused (`features/orders/place_order.feature:30`)"
    reason = "**failed**: AssertionError: expected refusal product-not-found but got internal-error"
    assert f"| 2 | An unknown product is answered with 404 | {unknown} | {reason} |" in lines
    assert any(line.startswith("| 3 | Success") and line.endswith("| passed |") for line in lines)
    assert any(
        line.startswith("| | | Twenty at once") and "**flaky**: AssertionError: two orders" in line for line in lines
    )
    assert any(line.startswith("| 2 | Logs") and "**skipped**: this stack cannot: pause" in line for line in lines)


def test_a_criterion_is_proven_when_all_its_scenarios_held(run: MadeUpRun) -> None:
    run.begin()
    run.passing(1, "one", "P7-01.2")
    run.passing(2, "two", "@P7-01.2", "P7-01.9")
    run.end()
    reported(run.directory)

    written = (run.directory / "acceptance.md").read_text()
    assert "1 of 6 criteria are proven." in written
    assert "## Tags that name no criterion\n\n- `@P7-01.9`\n" in written
    assert "@P7-01.9" in page(run).text


def test_a_run_without_a_backlog_counts_no_criteria(run: MadeUpRun) -> None:
    run.write("run-started", kind="bench")
    run.end()
    reported(run.directory)

    assert "It was about no criterion of the backlog.\n" in (run.directory / "acceptance.md").read_text()


def test_a_criterion_of_which_scenarios_were_skipped_is_proven_in_part_alone(run: MadeUpRun) -> None:
    run.begin()
    run.passing(1, "one", "P7-02.2")
    run.skipped()
    run.end()
    reported(run.directory)

    written = (run.directory / "acceptance.md").read_text()
    assert "0 of 6 criteria are proven, 1 in part: P7-02.2 (passed, 1 of 2 skipped)." in written
    assert "passed, 1 of 2 skipped" in page(run).text


def test_hostile_text_stays_text_everywhere(run: MadeUpRun) -> None:
    run.begin()
    scenario = run.start(1, HOSTILE, HOSTILE, "P7-01.1")
    run.step(scenario, HOSTILE, HOSTILE, "failed", error=HOSTILE, table=[[HOSTILE]])
    run.ask(scenario, 1, None, HOSTILE, error=HOSTILE)
    run.write("fault", scenario=scenario, kind=HOSTILE, target=HOSTILE, state=HOSTILE, ms=1, detail=HOSTILE)
    run.finish(scenario, "failed", HOSTILE)
    run.write("setup-failed", phase=HOSTILE, message=HOSTILE, log=[HOSTILE])
    run.write("check", name=HOSTILE, ok=False, detail=HOSTILE, ms=1)
    run.end(1)

    reported(run.directory)

    found = page(run)
    assert found.scripts == ["", "", "index", "part-0"]
    assert found.text.count("<script>alert(1)</script>") > 10
    assert "{{ 7*7 }}" in found.text
    [case] = [case for name, case in cases(run).items() if name.startswith("orders.place_order")]
    assert (case.get("name") or "").startswith("</pre><script>alert(1)</script>\"'|`*_\u2400\ufffd")
    table = [
        line
        for line in (run.directory / "acceptance.md").read_text().splitlines()
        if line.startswith("| 1 | A missing")
    ]
    assert re.sub(r"\\.", "", table[0]).count("|") == 5


def test_no_secret_reaches_any_report(whole: MadeUpRun) -> None:
    reported(whole.directory)

    written = [file for file in whole.directory.rglob("*") if file.is_file()]
    assert len(written) == 6
    assert not [file for file in written if "abcdefghijklmnop" in file.read_text()]


def test_reports_are_written_anew_each_time(whole: MadeUpRun) -> None:
    reported(whole.directory)
    first = (whole.directory / "report.html").read_bytes()
    (whole.directory / "junit" / "gone.feature.xml").write_text("<old/>")

    reported(whole.directory)

    assert (whole.directory / "report.html").read_bytes() == first
    assert not (whole.directory / "junit" / "gone.feature.xml").exists()


def test_events_without_their_scenarios_start_are_not_lost(run: MadeUpRun) -> None:
    run.begin()
    run.step("features/a.feature:3", "Given", "something")
    run.write("scenario-finished", id="features/b.feature:4", status="failed")

    story = Record.read(run.journal.path)

    assert [(scenario.id, scenario.status) for scenario in story.scenarios] == [
        ("features/a.feature:3", "failed"),
        ("features/b.feature:4", "failed"),
    ]
    reported(run.directory)


def test_a_journal_that_lost_lines_still_makes_every_report(whole: MadeUpRun) -> None:
    lines = whole.journal.path.read_text().splitlines()
    lines[3:5] = ["[]", '{"event": "scenario-started"}']
    whole.journal.path.write_text("\n".join(lines) + "\n")

    assert not reported(whole.directory).verdict.ok
    assert "2 lines of the journal could not be read" in page(whole).text
