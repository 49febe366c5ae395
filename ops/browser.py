"""The machine's own Chromium, for tests and for pictures of pages."""

from __future__ import annotations

import shutil

from ops import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = "install it with `apt-get install chromium` (Debian), or Google Chrome"
QUIET = ("--disable-gpu", "--disable-sync", "--disable-background-networking", "--disable-component-update")
"""Options with which it asks nobody for anything."""


def find() -> str | None:
    """Its path, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> bool:
    """Install Debian's package; False where that is not allowed or apt-get failed."""
    return debian.install("chromium")
