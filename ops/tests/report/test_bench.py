"""The figures of a bench in its report, as a browser shows them."""

import pytest
from playwright.sync_api import expect

from ops.tests.report.conftest import Opening

pytestmark = pytest.mark.whole


def test_a_bench_shows_a_line_for_each_stack_in_two_plots_for_each_request_and_its_figures(opened: Opening) -> None:
    page = opened("benched", "#bench")

    expect(page.locator("#headline")).to_have_text("Bench: 12 measurements of 2 stacks, 1 of them does not count.")
    expect(page.get_by_role("heading", name="Bench", exact=True)).to_be_in_viewport()
    expect(page.locator("svg.plot")).to_have_count(4)
    assert [plot.locator("path.line").count() for plot in page.locator("svg.plot").all()] == [2, 2, 2, 2]
    assert page.locator("svg.plot").first.locator("circle.line-1").count() == 2, "what does not count has no point"
    expect(page.locator("svg.plot").nth(2)).to_have_attribute(
        "aria-label",
        "GET /things?limit=20, requests/s by connections."
        " own: 250 at 2, 250 at 16, 250 at 64; other: 500 at 2, 500 at 16, 500 at 64",
    )
    row = page.get_by_role("row", name="GET /things?limit=20 16 other")
    expect(row).to_contain_text("500")
    expect(row).to_contain_text("2.00 · 0.20")
    expect(page.locator(".void")).to_contain_text("3 answers were not 2xx")
    expect(page.locator("#scenarios")).to_be_hidden()


def test_over_many_rounds_a_bench_shows_what_became_of_its_first_stack_with_time(opened: Opening) -> None:
    page = opened("soaked", "#bench")

    expect(page.locator("svg.plot")).to_have_count(5)
    expect(page.locator("svg.plot").nth(2)).to_have_attribute(
        "aria-label", "POST /things, p99 in ms by round. own: " + ", ".join(f"4 at {number}" for number in range(1, 13))
    )
    leak = page.locator("figure").filter(has_text="memory by round, first round = 1")
    expect(leak.locator(".legend li")).to_have_text(["things", "edge"])
    expect(leak.locator("circle.line-0").last.locator("title")).to_have_text("things: 2.1 at 12")
    expect(leak.locator("circle.line-1").last.locator("title")).to_have_text("edge: 1 at 12")
