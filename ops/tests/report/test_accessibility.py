"""axe-core finds nothing to complain of, whatever the run was like, in light and dark; and the page fits a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from ops.tests.report.conftest import Opening

pytestmark = pytest.mark.whole


KINDS = {"mixed": True, "failing": False, "setup-failure": True, "hostile": True, "checklist": True, "benched": True}
"""Runs that together have every section of the page, and whether what is folded away is unfolded: `failing` has so many
requests that axe-core would take a minute."""
PHONE: ViewportSize = {"width": 320, "height": 720}


def all_open(page: Page) -> None:
    """Unfold what is folded away: the scenarios, then their requests, and every list."""
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    expect(page.locator("details.scenario > .inside")).to_have_count(page.locator("details.scenario").count())
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    expect(page.locator("details.request > .exchange")).to_have_count(page.locator("details.request").count())


def is_accessible(page: Page, **options: Any) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"], **options})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", KINDS)
def test_nothing_stands_in_anybodys_way(opened: Opening, name: str) -> None:
    page = opened(name, color_scheme="light")
    if KINDS[name]:
        all_open(page)

    is_accessible(page)
    page.emulate_media(color_scheme="dark")
    is_accessible(page, runOnly=["color-contrast"])
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_shortcuts_and_the_way_there_are_accessible_too(opened: Opening) -> None:
    page = opened("passing")
    page.keyboard.press("?")

    is_accessible(page)
