"""Made-up runs to render."""

from pathlib import Path

import pytest

from ops.tests.journals import MadeUpRun


@pytest.fixture
def run(tmp_path: Path) -> MadeUpRun:
    """A run that has not begun."""
    return MadeUpRun(tmp_path)


@pytest.fixture
def whole(run: MadeUpRun) -> MadeUpRun:
    """A run with every kind of outcome."""
    run.every_outcome()
    return run
