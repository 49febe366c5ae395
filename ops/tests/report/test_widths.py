"""The page on a wide screen and on the narrowest phone."""

import pytest
from playwright.sync_api import FloatRect, Locator, ViewportSize, expect

from ops.tests.report.conftest import Opening

pytestmark = pytest.mark.whole


PHONE: ViewportSize = {"width": 320, "height": 720}
WIDE: ViewportSize = {"width": 1400, "height": 900}


def boxes(found: Locator) -> list[FloatRect]:
    """Where each of them is."""
    return [box for box in (one.bounding_box() for one in found.all()) if box]


def test_the_filter_takes_one_row_of_a_wide_screen(opened: Opening) -> None:
    page = opened("failing", viewport=WIDE)

    parts = boxes(page.locator(".filter > *"))
    middles = [part["y"] + part["height"] / 2 for part in parts]
    assert max(middles) - min(middles) < 8
    expect(page.get_by_label("Search")).to_be_visible()
    assert boxes(page.get_by_label("Search"))[0]["width"] > 140


def test_every_section_is_named_on_the_narrowest_phone(opened: Opening) -> None:
    page = opened("mixed", viewport=PHONE)

    links = boxes(page.locator(".bar nav a"))
    assert len(links) == 6
    assert all(link["x"] >= 0 and link["x"] + link["width"] <= PHONE["width"] for link in links)


def test_the_narrowest_phone_shows_whether_a_fault_took_effect_and_the_recovery(opened: Opening) -> None:
    page = opened("mixed", viewport=PHONE)

    cells = boxes(page.locator(".faults td"))
    assert len(cells) == 5
    assert all(cell["x"] >= 0 and cell["x"] + cell["width"] <= PHONE["width"] for cell in cells)
    recovered = page.locator(".faults td").nth(3)
    assert recovered.evaluate("it => getComputedStyle(it, '::before').content") == '"Recovered in (median)"'
