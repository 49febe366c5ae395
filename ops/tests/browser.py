"""Chromium, and what a page did in it that it should not have."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from ops import browser as browsers

PATIENCE_MS = 30_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own; the test that needs it is skipped by name where there is none."""
    binary = browsers.find()
    if binary is None:
        pytest.skip(f"Chromium is not there: {browsers.INSTALL}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=binary, args=browsers.QUIET, chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What was written to the console of a page, what broke in it, and which other places it asked."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def on(self, page: Page) -> Page:
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        return page

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("data", "blob") and f"{asked.scheme}://{asked.netloc}" != self.origin:
            self.elsewhere.append(request.url)
