"""The page as somebody uses it: in Chromium, from a file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ops.tests.journals import RUN
from ops.tests.report.conftest import Opening
from ops.tests.report.runs import written

pytestmark = pytest.mark.whole


UNKNOWN = "s-features-orders-place-order-feature-30"
PLANTED_REQUEST = "r-resilience.peers_that_fail.L19.3-20261123-022817-evh"


def shown(page: Page) -> int:
    return page.locator(".scenario:visible").count()


def test_what_broke_is_open_with_its_reason_and_the_rest_is_closed(opened: Opening) -> None:
    page = opened("mixed")

    expect(page.locator("details.scenario[open]")).to_have_count(3)
    broken = page.locator(f"#{UNKNOWN}")
    expect(broken).to_have_attribute("open", "")
    expect(broken.locator(".steps .error")).to_contain_text("expected refusal product-not-found")


def test_the_request_to_look_at_is_open_with_its_way_its_content_and_its_log(opened: Opening) -> None:
    page = opened("failing")

    culprit = page.locator(f"[id='{PLANTED_REQUEST}']")
    expect(culprit).to_have_attribute("open", "")
    way = culprit.locator(".hops tbody tr")
    assert [row.split() for row in way.locator("th").all_text_contents()] == [
        ["client"],
        ["gateway"],
        ["orders"],
        ["users"],
        ["products"],
    ]
    expect(way.last).to_contain_text("503")
    expect(culprit).to_contain_text("urn:problem:products-unavailable")
    expect(culprit.locator(".lines")).to_contain_text("peer=products")
    expect(culprit).to_contain_text('curl -i -X POST -H "Authorization: Bearer $TOKEN"')


@pytest.mark.parametrize(("line", "asked"), [(19, 1), (40, 2)])
def test_where_the_recovery_failed_the_request_to_look_at_is_open_and_the_reason_is_told(
    opened: Opening, line: int, asked: int
) -> None:
    page = opened("unrecovered")

    scenario = page.locator(f"#s-features-resilience-peer-failures-feature-{line}")
    expect(scenario.locator(".request[open]")).to_have_count(1)
    expect(scenario.locator(f"[id='r-resilience.peer_failures.L{line}.{asked}-{RUN}']")).to_have_attribute("open", "")
    expect(scenario.locator(".error", has_text="not back yet: 401")).to_have_count(1)


def test_what_to_look_at_leads_with_the_step_that_broke(opened: Opening) -> None:
    page = opened("unrecovered")

    reason = page.locator(".broken .reason").first
    expect(reason).to_have_text(re.compile(r"^found 401.*\nand it did not recover: not back yet: 401", re.DOTALL))


def test_a_fault_stands_above_the_steps_with_its_recovery(opened: Opening) -> None:
    page = opened("mixed", "#s-features-resilience-peer-failures-feature-9")

    fault = page.locator("#s-features-resilience-peer-failures-feature-9 .faulted")
    expect(fault).to_contain_text("Fault: status on orders:products, confirmed, recovered in 6.1 ms")
    unproven = page.locator("#s-features-resilience-peer-failures-feature-20 .faulted")
    expect(unproven).to_contain_text("not confirmed (mismatch)")


def test_a_flaky_scenario_shows_every_try(opened: Opening) -> None:
    page = opened("mixed")

    tries = page.locator("#s-features-orders-place-order-feature-50 .try h4")
    expect(tries).to_have_text(["Try 1: failed", "Try 2: passed"])


def test_words_are_searched_in_names_steps_and_requests(opened: Opening) -> None:
    page = opened("mixed")

    for words, count in (
        ("no-such-thing", 1),
        ("twenty ONE", 1),
        ("POST 500", 1),
        (f"place_order.L12.1-{RUN}", 1),
        ("products-unavailable", 2),
        ("two orders", 1),
        ("xyzzy", 0),
    ):
        page.get_by_label("Search").fill(words)
        expect(page.locator("#shown")).to_have_text(f"{count} of 6 scenarios")
        assert shown(page) == count
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator("#shown")).to_have_text("6 scenarios")


def test_the_error_of_a_try_and_what_a_service_warned_of_are_searched(opened: Opening) -> None:
    page = opened("failing")

    for words, count in (("peer-call products", 3), ("urn:problem:", 3), ("answered 503", 3)):
        page.get_by_label("Search").fill(words)
        expect(page.locator("#shown")).to_have_text(re.compile(f"^{count} of"))
    expect(page.get_by_label("Search")).to_have_attribute("placeholder", re.compile("error"))


def test_where_nothing_matches_the_list_says_what_was_asked_for(opened: Opening) -> None:
    page = opened("mixed")

    page.get_by_label("Search").fill("xyzzy <b>")
    page.get_by_label("not proven").check()
    page.get_by_label("Tag").select_option("needs.pause")
    expect(page.locator("#nothing")).to_contain_text(
        "No scenario matches “xyzzy <b>”, tag needs.pause, result not proven."
    )
    page.get_by_role("button", name="Clear search and filters").click()
    expect(page.locator("#shown")).to_have_text("6 scenarios")
    expect(page.locator("#nothing")).to_be_hidden()
    expect(page.get_by_label("Search")).to_be_focused()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_whoever_filters_far_down_sees_the_list_from_its_top(opened: Opening, motion: str) -> None:
    page = opened("mixed", viewport={"width": 1200, "height": 500}, reduced_motion=motion)
    page.locator(".scenario").last.scroll_into_view_if_needed()

    page.get_by_label("passed").check()

    expect(page.locator(".scenario:visible").first).to_be_in_viewport(ratio=1)
    expect(page.locator(".filter")).to_be_in_viewport(ratio=1)
    page.wait_for_function("() => Math.abs(document.querySelector('.filter').getBoundingClientRect().top - 50) < 20")
    expect(page.get_by_label("passed")).to_be_focused()


def test_nothing_moves_when_a_filter_is_set(opened: Opening) -> None:
    page = opened("mixed")
    search = page.get_by_label("Search")
    left_and_width = "it => [it.getBoundingClientRect().left, it.getBoundingClientRect().width]"
    before = search.evaluate(left_and_width)

    search.fill("twenty one")
    expect(page.get_by_role("button", name="Clear", exact=True)).to_be_visible()

    assert search.evaluate(left_and_width) == before


def test_ticket_tag_service_and_result_narrow_the_list_together(opened: Opening) -> None:
    page = opened("mixed")

    page.get_by_label("Service", exact=True).select_option("products")
    expect(page.locator("#shown")).to_have_text("2 of 6 scenarios")
    page.get_by_label("not proven").check()
    expect(page.locator("#shown")).to_have_text("1 of 6 scenarios")
    page.get_by_label("Tag").select_option("needs.pause")
    expect(page.locator("#shown")).to_have_text("0 of 6 scenarios")
    page.get_by_role("button", name="Clear", exact=True).click()
    page.get_by_label("Ticket").select_option("P7-02")
    expect(page.locator("#shown")).to_have_text("3 of 6 scenarios")


def test_the_address_keeps_the_filter(opened: Opening) -> None:
    page = opened("mixed")
    page.get_by_label("Search").fill("asked again")
    page.get_by_label("passed").check()
    expect(page.locator("#shown")).to_have_text("1 of 6 scenarios")

    page.reload()

    expect(page.locator("#shown")).to_have_text("1 of 6 scenarios")
    assert page.url.endswith("#q=asked+again&status=passed")
    expect(page.get_by_label("Search")).to_have_value("asked again")


def test_a_link_leads_to_a_scenario_also_where_the_filter_hides_it(opened: Opening) -> None:
    page = opened("mixed", "#q=nothing+like+it")

    page.locator(".acceptance").get_by_role("link", name="A signed-in customer orders a product").click()

    scenario = page.locator("#s-features-orders-place-order-feature-12")
    expect(scenario).to_have_attribute("open", "")
    expect(scenario.locator(".steps")).to_be_in_viewport()
    expect(page.locator("#shown")).to_have_text("6 scenarios")


def test_a_link_leads_to_a_request(opened: Opening) -> None:
    page = opened("mixed", f"#r-orders.place_order.L12.1-{RUN}")

    request = page.locator(f"[id='r-orders.place_order.L12.1-{RUN}']")
    expect(request).to_have_attribute("open", "")
    expect(request.locator(".exchange")).to_be_in_viewport()


def test_plain_bytes_are_offered_to_be_sent_again_where_all_were_kept(opened: Opening) -> None:
    page = opened("raw", f"#r-gateway.routing.L53.1-{RUN}")
    whole = page.locator(f"[id='r-gateway.routing.L53.1-{RUN}']")
    expect(whole.locator(".asked")).to_have_text("POST/users/./me")
    expect(whole).to_contain_text("printf 'GET /users/./me HTTP/1.1\\r\\n\\r\\n' | nc 127.0.0.1 43117")

    cut = page.locator(f"[id='r-gateway.routing.L53.2-{RUN}']")
    cut.locator("summary").click()
    expect(cut).to_contain_text("It was too long for all of it to be kept.")
    expect(cut).not_to_contain_text("nc 127")


def test_a_command_and_a_link_are_copied(opened: Opening) -> None:
    page = opened("mixed", f"#r-orders.place_order.L12.1-{RUN}", permissions=["clipboard-read", "clipboard-write"])
    request = page.locator(f"[id='r-orders.place_order.L12.1-{RUN}']")

    request.locator(".command button").first.click()
    expect(request.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -i -X POST")
    request.get_by_role("button", name="Copy link").click()
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"#r-orders.place_order.L12.1-{RUN}")


def test_everything_is_reached_by_keyboard(opened: Opening) -> None:
    page = opened("passing")
    focused = page.locator(":focus")

    page.keyboard.press("j")
    expect(focused).to_contain_text("A signed-in customer orders a product")
    page.keyboard.press("j")
    expect(focused).to_contain_text("A second order is another order")
    page.keyboard.press("k")
    expect(focused).to_contain_text("A signed-in customer orders a product")
    page.keyboard.press("Enter")
    expect(page.locator("details.scenario[open]")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.type("second order j")
    expect(page.locator("#shown")).to_have_text("0 of 4 scenarios")
    page.keyboard.press("Escape")
    expect(page.locator("#shown")).to_have_text("4 scenarios")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_n_and_p_go_from_one_broken_scenario_to_the_next(opened: Opening) -> None:
    page = opened("mixed")
    focused = page.locator(":focus")

    page.keyboard.press("n")
    expect(focused).to_contain_text("An unknown product is refused")
    page.keyboard.press("n")
    expect(focused).to_contain_text("Twenty at once make one order")
    page.keyboard.press("p")
    expect(focused).to_contain_text("An unknown product is refused")


def test_n_says_when_there_is_nothing_to_go_to(opened: Opening) -> None:
    page = opened("passing")
    said = page.get_by_role("status").and_(page.locator("#said"))

    page.keyboard.press("n")
    expect(said).to_have_text("Nothing failed.")
    assert said.bounding_box()["height"] > 10  # type: ignore[index]
    page = opened("mixed", "#status=passed")
    page.keyboard.press("n")
    expect(page.locator("#said")).to_have_text("Nothing that is shown failed.")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator("#said")).to_have_text("No earlier one failed.")
    for _ in range(4):
        page.keyboard.press("n")
    expect(page.locator("#said")).to_have_text("No later one failed.")


def test_focus_can_be_seen(opened: Opening) -> None:
    page = opened("passing")

    page.keyboard.press("j")

    focused = page.locator(":focus")
    assert focused.evaluate("it => getComputedStyle(it).outlineStyle") == "solid"
    away = "it => it.querySelector('.mark').getBoundingClientRect().left - it.getBoundingClientRect().left"
    assert focused.evaluate(away) > 4  # the ring is drawn in the outermost 4 pixels


def test_the_timeline_has_a_bar_for_each_scenario_that_leads_there(opened: Opening) -> None:
    page = opened("mixed")

    expect(page.locator("#lanes [class^=bar-]")).to_have_count(6)
    expect(page.locator("#lanes .fault")).to_have_count(2)
    expect(page.locator("#lanes .unconfirmed")).to_have_count(1)
    page.locator("#lanes .bar-failed").click()
    expect(page).to_have_url(re.compile(f"#{UNKNOWN}$"))


def test_the_theme_is_chosen_and_remembered(opened: Opening) -> None:
    page = opened("passing", color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)

    page.get_by_role("button", name="Theme: auto").click()
    assert page.evaluate(paper) == light
    page.get_by_role("button", name="Theme: light").click()
    assert page.evaluate(paper) != light
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate(paper) != light


def test_on_paper_what_broke_is_whole_and_the_controls_are_gone(opened: Opening) -> None:
    page = opened("mixed")
    expect(page.locator("details.scenario[open] .inside")).to_have_count(3)

    page.emulate_media(media="print")

    expect(page.locator(".filter")).to_be_hidden()
    expect(page.get_by_role("button").first).to_be_hidden()
    expect(page.locator(f"#{UNKNOWN} .error").first).to_be_visible()


def test_without_javascript_it_says_what_broke_and_why(opened: Opening) -> None:
    page = opened("mixed", java_script_enabled=False)

    expect(page.get_by_role("heading", level=1)).to_contain_text("1 of 5 scenarios failed")
    expect(page.locator(".broken .reason").first).to_be_visible()
    expect(page.locator(".broken").get_by_text("the order is refused as product-not-found")).to_be_visible()
    expect(page.locator(".acceptance").first).to_be_visible()
    expect(page.locator(".filter")).to_be_hidden()


def test_a_browser_that_cannot_unpack_the_data_shows_what_there_is_without(browser: Browser, reports: Path) -> None:
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(written("mixed", reports).as_uri())

    expect(page.locator(".broken").get_by_text("the order is refused as product-not-found")).to_be_visible()
    expect(page.locator(".filter")).to_be_hidden()
    page.close()


def test_a_request_to_a_stack_at_a_url_offers_no_trace_and_says_why(opened: Opening) -> None:
    page = opened("elsewhere", "#s-features-orders-place-order-feature-30")
    page.locator("details.request").first.wait_for()
    told = page.locator("details.request", has_text="Trace it in the terminal").first.inner_text()
    assert "The logs of a stack at a URL cannot be read from here" in told
    assert "ops trace" not in told


def test_a_step_of_the_checklist_offers_no_command_of_behave(opened: Opening) -> None:
    page = opened("checklist", "#s-docs-smoke-md-47")

    step = page.locator("#s-docs-smoke-md-47")
    expect(step).to_contain_text("Step in docs/smoke.md:47")
    expect(step.get_by_role("button", name="Copy link")).to_be_visible()
    expect(step.get_by_role("button", name="Copy command")).to_have_count(0)


def test_hostile_text_is_shown_as_it_is(opened: Opening) -> None:
    page = opened("hostile")

    scenario = page.locator("details.scenario")
    for part in (".name", ".sentence b", ".data", ".error", ".headers, .exchange pre", ".detail"):
        expect(scenario.locator(part).first).to_be_attached()
    assert page.locator("img").count() == 0
    assert page.locator("script:not([type])").count() == 2
    assert scenario.text_content().count("<script>alert(1)</script>") > 6  # type: ignore[union-attr]


def test_a_set_up_failure_stands_on_top_with_its_log(opened: Opening) -> None:
    page = opened("setup-failure")

    expect(page.get_by_role("heading", level=1)).to_have_text("The stack did not get ready.")
    alarm = page.locator(".alarm")
    expect(alarm).to_contain_text("orders ended with exit code 1")
    expect(alarm).to_contain_text("Address already in use")
    expect(alarm).to_be_in_viewport()
    expect(page.locator(".filter")).to_be_hidden()


def test_an_interrupted_run_says_so_and_shows_how_far_it_came(opened: Opening) -> None:
    page = opened("interrupted")

    expect(page.get_by_role("heading", level=1)).to_have_text("Interrupted after 1 scenario.")
    expect(page.locator(".account")).to_contain_text("The run was interrupted")
    scenario = page.locator("details.scenario[open]")
    expect(scenario.locator(".word")).to_have_text("interrupted")
    expect(scenario).to_contain_text("a signed-in customer")
