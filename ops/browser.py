"""The machine's own Chromium, for tests and for pictures of pages."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ops import debian
from ops.errors import StackNotReady

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = "install it with `apt-get install chromium` (Debian), or Google Chrome"
NEEDS = "Chromium, and playwright, which `python3 -m ops test --quick` installs in .venv"
QUIET = ("--disable-gpu", "--disable-sync", "--disable-background-networking", "--disable-component-update")
"""Options with which it asks nobody for anything."""


def find() -> str | None:
    """Its path, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def running() -> Iterator[Browser]:
    """A browser while the block lasts. Needs what `ops test` installs. Raises StackNotReady where there is none."""
    if importlib.util.find_spec("playwright") is None:
        raise StackNotReady(f"playwright is not installed; this needs {NEEDS}")
    from playwright.sync_api import sync_playwright

    binary = find()
    if binary is None:
        raise StackNotReady(f"Chromium is not there: {INSTALL}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=QUIET, chromium_sandbox=os.geteuid() != 0)
        try:
            yield browser
        finally:
            browser.close()


def install() -> bool:
    """Install Debian's package; False where that is not allowed or apt-get failed."""
    return debian.install("chromium")
