"""Two thousand scenarios with twenty thousand requests: the page stays small, and quick to open and to search."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ops.report import write_reports
from ops.tests.report.large import LargeRun

MEGABYTES_10 = 10_000_000
SEARCH = """words => {
  const began = performance.now();
  const field = document.getElementById("search");
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  document.body.offsetHeight;
  return performance.now() - began;
}"""
OPENED = """() => new Promise(resolve => {
  const look = () => {
    const [ready] = performance.getEntriesByName("gateproof-ready");
    if (ready) resolve(ready.startTime); else setTimeout(look, 5);
  };
  look();
})"""
ROUNDS = 4
OPENS, SEARCHES = 8.5, 1.7
"""The longest that it may take, in times that the same browser takes to open a small page: on a busy machine 3.4 to 6.1
and 0.7 to 1.2 were seen. Three times as long is beyond either."""


@dataclass
class Times:
    """The shortest of several, in milliseconds."""

    small: float = math.inf
    large: float = math.inf
    search: float = math.inf


def made(directory: Path, scenarios: int) -> Path:
    LargeRun(scenarios, 10).write(directory / "journal.jsonl")
    write_reports(directory)
    return directory / "report.html"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("large"), 2_000)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("small"), 20)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with fresh(browser) as page:
        yield page


@contextmanager
def fresh(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    yield page
    page.close()


def opened(page: Page, report: Path) -> float:
    """Milliseconds from the navigation to the list that can be used."""
    page.goto(report.as_uri())
    return float(page.evaluate(OPENED))


def searched(page: Page) -> float:
    """Milliseconds that the slowest of some searches took."""
    return max(float(page.evaluate(SEARCH, words)) for words in ("retry", "price token", "L6.3", ""))


def test_a_large_run_fits_into_ten_megabytes(report: Path) -> None:
    assert report.stat().st_size < MEGABYTES_10


def test_a_large_run_is_opened_and_searched_as_quickly_as_a_small_one_lets_expect(
    report: Path, small: Path, browser: Browser
) -> None:
    took = Times()
    for _ in range(ROUNDS):
        with fresh(browser) as page:
            took.small = min(took.small, opened(page, small))
        with fresh(browser) as page:
            took.large = min(took.large, opened(page, report))
            took.search = min(took.search, *(searched(page) for _ in range(3)))

    print(f"opened in {took.large:.0f} ms, searched in {took.search:.0f} ms; a small one: {took.small:.0f} ms")  # noqa: T201
    assert (took.large / took.small < OPENS, took.search / took.small < SEARCHES) == (True, True), took


def test_any_request_of_a_large_run_is_one_link_away(report: Path, page: Page) -> None:
    page.goto(f"{report.as_uri()}#r-orders.large_37.L342.7-20261122-230501-k3f")

    request = page.locator("details.request[open]", has_text="orders.large_37.L342.7-20261122-230501-k3f")
    request.locator(".hops").wait_for()
    assert request.locator(".lines tbody tr").count() == 6
