"""A thousand scenarios with ten thousand requests: the page stays small, and quick to open and to search."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from ops.tests.journals import reported
from ops.tests.report.large import LargeRun

pytestmark = pytest.mark.whole


MEGABYTES_5 = 5_000_000
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
OPENS, SEARCHES = 5.0, 2.5
"""So many times the work of opening a small page it may be: 2.9 and 1.2 were seen, on a machine with far too much to
do. Three times as much work is beyond either."""


class Effort(NamedTuple):
    """Milliseconds by the clock, and that the page's thread worked, whatever else the machine had to do."""

    took: float
    worked: float


class Gauge:
    """Says what it takes a page to do something."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def effort(self, do: Callable[[], float]) -> Effort:
        """Of something that tells how long it took by the clock."""
        before = self._worked()
        return Effort(do(), self._worked() - before)

    def _worked(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration") * 1000


def made(directory: Path, scenarios: int) -> Path:
    LargeRun(scenarios, 10).write(directory / "journal.jsonl")
    reported(directory)
    return directory / "report.html"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("large"), 1_000)


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
    """The same for the slowest of some searches."""
    return max(float(page.evaluate(SEARCH, words)) for words in ("retry", "price token", "L6.3", ""))


def test_a_large_run_fits_into_five_megabytes(report: Path) -> None:
    assert report.stat().st_size < MEGABYTES_5


def efforts(browser: Browser, report: Path) -> tuple[Effort, Effort]:
    """To open it in a page of its own, and to search it there: the lesser of two times."""
    with fresh(browser) as page:
        gauge = Gauge(page)
        opening = gauge.effort(lambda: opened(page, report))
        return opening, min(gauge.effort(lambda: searched(page)) for _ in range(2))


def test_a_large_run_is_opened_and_searched_as_quickly_as_a_small_one_lets_expect(
    report: Path, small: Path, browser: Browser
) -> None:
    base, _ = efforts(browser, small)
    opening, searching = efforts(browser, report)

    opens, searches = opening.worked / base.worked, searching.worked / base.worked
    told = f"opened in {opening.took:.0f} ms, searched in {searching.took:.0f} ms; a small one in {base.took:.0f} ms"
    print(f"{told}; {opens:.1f} and {searches:.1f} times its work")  # noqa: T201  # seen with -s
    assert opens < OPENS
    assert searches < SEARCHES


def test_any_request_of_a_large_run_is_one_link_away(report: Path, page: Page) -> None:
    page.goto(f"{report.as_uri()}#r-orders.large_17.L342.7-20261122-230501-k3f")

    request = page.locator("details.request[open]", has_text="orders.large_17.L342.7-20261122-230501-k3f")
    request.locator(".hops").wait_for()
    assert request.locator(".lines tbody tr").count() == 6
