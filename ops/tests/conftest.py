"""What all tests of the harness stand on."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Browser

from ops import browser as browsers
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.local.stack import LocalStack
from ops.tests.journals import MadeUpRun


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails on a stack shows the last lines of its logs: afterwards the stack is gone."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(stack, LocalStack | ComposeStack):
        with TemporaryDirectory() as kept, contextlib.suppress(Exception):
            stack.keep_evidence(Path(kept))
            for file in sorted(Path(kept).rglob("*.log")):
                lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
                report.sections.append((f"last lines of {file.name}", "\n".join(lines[-12:])))
    return report


@pytest.fixture(autouse=True, scope="session")
def runs_of_tests_are_not_told_to_github() -> None:
    """What tests let fail on purpose has no place among a job's annotations and in its summary."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        os.environ.pop(name, None)


@pytest.fixture(autouse=True, scope="session")
def interruptions_are_heard() -> None:
    """A shell's background job inherits SIGINT ignored, and so would what tests start and interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of a file; those that need it are skipped by name where there is none.

    For longer it must not live: Playwright's event loop keeps running, and no test beside it can run one of its own.
    """
    if browsers.find() is None:
        pytest.skip(f"Chromium is not there: {browsers.INSTALL}")
    with browsers.running() as one:
        yield one


@pytest.fixture
def run(tmp_path: Path) -> MadeUpRun:
    """A run that has not begun."""
    return MadeUpRun(tmp_path)


@pytest.fixture
def whole(run: MadeUpRun) -> MadeUpRun:
    """A run with every kind of outcome."""
    run.every_outcome()
    return run
