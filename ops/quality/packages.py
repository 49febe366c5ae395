"""What some tests need of the machine's packages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ops import browser
from ops.progress import Progress
from ops.provision import postgresql


@dataclass(frozen=True)
class Need:
    """A program: what is skipped without it, and what to do where we may not `install` it."""

    name: str
    tests: str
    advice: str
    find: Callable[[], object]
    install: Callable[[], bool]


NEEDS = (
    Need("Chromium", "the tests in a browser", browser.INSTALL, browser.find, browser.install),
    Need("PostgreSQL", "the tests with PostgreSQL", postgresql.INSTALL, postgresql.find, postgresql.install),
)


def provide(progress: Progress, needs: Sequence[Need] = NEEDS) -> None:
    """Install what is missing where we may; else the tests that need it are skipped by name."""
    for need in needs:
        if not need.find():
            _install(need, progress)


def _install(need: Need, progress: Progress) -> None:
    progress.say(f"{need.name} is missing: installing Debian's package")
    if not need.install():
        progress.say(f"- {need.tests} are skipped: {need.advice}", "skip")
