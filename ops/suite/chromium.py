"""The browser that pages are tested in."""

from __future__ import annotations

from collections.abc import Callable

from ops import browser
from ops.progress import Progress


def provide(
    progress: Progress,
    find: Callable[[], str | None] = browser.find,
    install: Callable[[], bool] = browser.install,
) -> None:
    """Install one where there is none and we may; else the tests that need it are skipped by name."""
    if find():
        return
    progress.say("Chromium is missing: installing Debian's package")
    if not install():
        progress.say(f"- the tests in a browser are skipped: {browser.INSTALL}", "skip")
