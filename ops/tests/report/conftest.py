"""Made-up runs to render, and a browser to look at them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from ops.tests.browser import Watch
from ops.tests.report.runs import written

READY = "html.ready"
WINDOW: ViewportSize = {"width": 1280, "height": 720}
Opening: TypeAlias = Callable[..., Page]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reports of all tests lie."""
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def watch() -> Watch:
    """Sees what the page complains of, and what it asks for that is not itself."""
    return Watch("file://")


class Tabs:
    """A page for each kind of settings: a new one costs a process, which is most of what a short test takes."""

    def __init__(self, browser: Browser, watch: Watch) -> None:
        self._browser, self._watch = browser, watch
        self._pages: dict[str, Page] = {}
        self._used: dict[str, Page] = {}

    def fresh(self, settings: Mapping[str, Any]) -> Page:
        """One that shows nothing and remembers nothing."""
        kind = repr(sorted(settings.items()))
        page = self._pages.pop(kind, None) or self._watch.on(self._browser.new_context(**settings).new_page())
        self._used[kind] = page
        page.emulate_media(media="screen", color_scheme=settings.get("color_scheme", "light"))
        page.set_viewport_size(settings.get("viewport", WINDOW))
        return page

    def clear(self) -> None:
        """Take back those that were used."""
        for page in self._used.values():
            page.evaluate("localStorage.clear()")
            page.goto("about:blank")
        self._pages |= self._used
        self._used.clear()

    def close(self) -> None:
        for page in self._pages.values():
            page.context.close()


@pytest.fixture(scope="module")
def tabs(browser: Browser, watch: Watch) -> Iterator[Tabs]:
    tabs = Tabs(browser, watch)
    yield tabs
    tabs.close()


@pytest.fixture
def opened(tabs: Tabs, reports: Path, watch: Watch) -> Iterator[Opening]:
    """`opened("failing", "#s-…", color_scheme="dark")`: the report of a run, as it is when its list is there."""

    def open_report(name: str, hash: str = "", **settings: Any) -> Page:
        page = tabs.fresh(settings)
        page.goto(f"{written(name, reports).as_uri()}{hash}")
        if settings.get("java_script_enabled", True):
            page.wait_for_selector(READY)
        return page

    yield open_report
    tabs.clear()
    seen = (watch.complaints[:], watch.elsewhere[:])
    watch.forget()
    assert seen == ([], [])
