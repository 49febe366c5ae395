"""axe-core finds nothing to complain of, whatever the run was like, in light and dark; and the page fits a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ops.tests.report.conftest import Opening
from ops.tests.report.runs import RUNS

pytestmark = pytest.mark.whole


KINDS = [name for name in RUNS if name != "many"]
"""Of what is in `many`, `failing` has one of each."""
PHONE = {"width": 320, "height": 720}


def all_open(page: Page) -> Page:
    """With all that is folded away unfolded: the scenarios, then their requests, and every list."""
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    expect(page.locator("details.scenario > .inside")).to_have_count(page.locator("details.scenario").count())
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    expect(page.locator("details.request > .exchange")).to_have_count(page.locator("details.request").count())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_nothing_stands_in_anybodys_way(opened: Opening, name: str, scheme: str) -> None:
    page = all_open(opened(name, color_scheme=scheme))

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", KINDS)
def test_the_page_fits_the_narrowest_phone(opened: Opening, name: str) -> None:
    page = all_open(opened(name, viewport=PHONE))

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_shortcuts_and_the_way_there_are_accessible_too(opened: Opening) -> None:
    page = opened("mixed")
    page.keyboard.press("?")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
