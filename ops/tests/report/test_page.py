"""The page as a file: it stands alone, its links lead somewhere, and it holds what the journal told."""

import re

from ops.tests.journals import RUN, MadeUpRun, reported
from ops.tests.report.pages import page


def test_the_page_stands_alone(whole: MadeUpRun) -> None:
    reported(whole.directory)

    html = (whole.directory / "report.html").read_text()
    found = page(whole)
    assert found.targets
    assert not [target for target in found.targets if not target.startswith("#")]
    assert not re.search(r"url\((?!\"data:)|@import|fetch\(|XMLHttpRequest|innerHTML", html)
    assert "default-src 'none'" in html


def test_every_link_of_the_page_leads_somewhere(whole: MadeUpRun) -> None:
    reported(whole.directory)

    found = page(whole)
    requests = {
        f"r-{asked['id']}" for one in found.scenarios.values() for run in one["tries"] for asked in run["requests"]
    }
    assert len(found.ids) == len(set(found.ids))
    assert {target.removeprefix("#") for target in found.targets} <= {*found.ids, *found.scenarios, *requests}


def test_a_scenario_carries_its_requests_with_log_lines_and_a_command(whole: MadeUpRun) -> None:
    reported(whole.directory)

    [one] = page(whole).scenarios["s-features-orders-place-order-feature-12"]["tries"]
    [asked] = one["requests"]
    assert asked["id"] == f"orders.place_order.L12.1-{RUN}"
    assert one["steps"][asked["step"]]["text"] == "the order names"
    assert [line["peerStatus"] for line in asked["log"] if line["service"] == "orders"] == [503]
    assert 'curl -i -X POST -H "Authorization: Bearer $TOKEN"' in asked["again"]
    assert asked["sent"][0] == ["Authorization", "Bearer ***"]


def test_a_request_comes_with_the_command_that_traces_it(run: MadeUpRun) -> None:
    run.begin()
    scenario = run.start(5, "A malformed ID is replaced")
    run.ask(scenario, 1)
    run.write("request", scenario=scenario, requestId="short-1", method="GET", url="/", ms=1)
    run.finish(scenario)

    reported(run.directory)

    [one] = page(run).scenarios["s-features-orders-place-order-feature-5"]["tries"]
    assert [asked["trace"] for asked in one["requests"]] == [
        f"python3 -m ops trace orders.place_order.L5.1-{RUN}",
        f"python3 -m ops trace --run {RUN} short-1",
    ]


def test_what_did_not_pass_comes_first_so_that_few_parts_are_needed_for_it(whole: MadeUpRun) -> None:
    reported(whole.directory)

    index = page(whole).index["scenarios"]
    by_place = sorted(index, key=lambda one: (one["part"], one["place"]))
    assert [one["status"] for one in by_place] == ["failed", "not-proven", "flaky", "passed", "passed", "skipped"]


def test_without_javascript_the_page_still_says_what_broke_and_why(whole: MadeUpRun) -> None:
    reported(whole.directory)

    text = page(whole).text
    assert "1 of 5 scenarios failed, 1 proved nothing." in text
    assert "AssertionError: expected refusal product-not-found" in text
    assert "the order is refused as product-not-found" in text
    assert f"orders.place_order.L30.1-{RUN}" in text
    assert "A missing or invalid token is answered with 401" in text


def test_a_journal_without_an_end_is_told_as_such(run: MadeUpRun) -> None:
    run.begin()
    run.passing()

    reported(run.directory)

    assert "The journal has no end" in page(run).text


def test_of_a_criterion_what_did_not_pass_stands_by_name_and_the_rest_behind_a_count(run: MadeUpRun) -> None:
    run.begin()
    run.failing()
    for line in (40, 50, 60):
        run.passing(line, f"Refused at line {line}", "P7-01.2")
    run.end(1)

    reported(run.directory)

    text = " ".join(page(run).text.split())
    assert "failed: An unknown product is refused 3 others passed passed: Refused at line 40" in text


def test_code_in_a_criterion_is_shown_as_code(run: MadeUpRun) -> None:
    criteria = {"P7-05": {"title": "Run `smoke`", "criteria": {1: "Each `GET` was <run>"}}}
    run.write("run-started", run=RUN, stack="local", versions={}, backlog=criteria)
    run.passing(12, "A step", "P7-05.1")
    run.end()

    reported(run.directory)

    html = (run.directory / "report.html").read_text()
    assert "Each <code>GET</code> was &lt;run&gt;" in html
    assert "Run <code>smoke</code>" in html
    assert page(run).index["tickets"] == {"P7-05": "Run smoke"}
