"""Made-up runs to render, and a browser to look at them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, Page

from ops.tests.browser import Watch
from ops.tests.report.runs import written

READY = "html.ready"
Opening: TypeAlias = Callable[..., Page]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reports of all tests lie."""
    return tmp_path_factory.mktemp("reports")


@pytest.fixture
def watch() -> Watch:
    """Sees what the page complains of, and what it asks for that is not itself."""
    return Watch("file://")


@pytest.fixture
def opened(browser: Browser, reports: Path, watch: Watch) -> Iterator[Opening]:
    """`opened("failing", "#s-…", color_scheme="dark")`: the report of a run, as it is when its list is there."""
    contexts = []

    def open_report(name: str, hash: str = "", **settings: object) -> Page:
        context = browser.new_context(**settings)  # type: ignore[arg-type]  # playwright's own names
        contexts.append(context)
        page = watch.on(context.new_page())
        page.goto(f"{written(name, reports).as_uri()}{hash}")
        if settings.get("java_script_enabled", True):
            page.wait_for_selector(READY)
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert (watch.complaints, watch.elsewhere) == ([], [])
