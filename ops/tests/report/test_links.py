"""A link of the page leads to what it names: its title is in view, below what sticks to the top."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from ops.tests.report.conftest import Opening
from ops.tests.report.runs import MANY, written

pytestmark = pytest.mark.whole


WIDE: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 320, "height": 720}
BELOW_LONG = MANY[2]
"""What stands above it is the longest of all, and is there last."""
SLOWLY = """
window.pending = 0;
const later = setTimeout;
setTimeout = (go, ms = 0) => { pending += 1; later(() => { pending -= 1; go(); }, ms + 100); };
"""
SETTLED = """() => new Promise(resolve => {
  let last = scrollY, still = 0;
  const look = () => {
    still = scrollY === last ? still + 1 : 0;
    last = scrollY;
    if (still > 5) resolve(); else requestAnimationFrame(look);
  };
  look();
})"""
PLACE = """title => {
  const bars = [...document.querySelectorAll(".bar, .filter")].filter(it => getComputedStyle(it).position === "sticky");
  const covered = Math.max(...bars.map(it => it.getBoundingClientRect().bottom));
  const { top, bottom } = title.getBoundingClientRect();
  return { below: Math.round(top - covered), above: Math.round(innerHeight - bottom) };
}"""


def anchor(line: int) -> str:
    return f"s-features-orders-place-order-feature-{line}"


def leads_to(page: Page, line: int) -> None:
    """Assert that the scenario's title is where a reader finds it, once the page is at rest."""
    expect(page.locator("details[open] > .inside")).to_have_count(len(MANY))
    page.evaluate(SETTLED)
    place = page.locator(f"#{anchor(line)} > summary").evaluate(PLACE)
    assert 0 <= place["below"] <= 60, f"the title of {line} is {place} from what covers it"
    assert place["above"] >= 0


@pytest.mark.parametrize(
    ("viewport", "line"), [(WIDE, MANY[0]), (WIDE, BELOW_LONG), (WIDE, MANY[-1]), (PHONE, BELOW_LONG)]
)
def test_an_address_with_a_scenario_opens_there(opened: Opening, viewport: ViewportSize, line: int) -> None:
    leads_to(opened("many", f"#{anchor(line)}", viewport=viewport), line)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_each_link_of_what_to_look_at_leads_to_its_scenario(opened: Opening, viewport: ViewportSize) -> None:
    page = opened("many", viewport=viewport)

    for line in (*reversed(MANY), MANY[1]):
        page.locator(f".broken a[href='#{anchor(line)}']").click()
        leads_to(page, line)


def test_the_first_link_after_loading_leads_to_its_scenario_too(opened: Opening) -> None:
    page = opened("many", viewport=WIDE)
    expect(page.locator("details[open] > .inside")).to_have_count(len(MANY))
    page.locator(f".broken a[href='#{anchor(BELOW_LONG)}']").click()
    leads_to(page, BELOW_LONG)


def test_whoever_has_scrolled_meanwhile_is_not_moved(browser: Browser, reports: Path) -> None:
    page = browser.new_page(viewport=WIDE)
    page.add_init_script(SLOWLY)
    page.goto(f"{written('many', reports).as_uri()}#{anchor(MANY[-1])}")
    page.wait_for_selector("html.ready")

    page.mouse.wheel(0, -100_000)
    expect(page.locator("details[open] > .inside")).to_have_count(len(MANY))
    page.wait_for_function("() => pending === 0")
    page.evaluate(SETTLED)

    assert page.evaluate("scrollY") == 0
    page.close()
