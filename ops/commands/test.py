"""`test`: everything that has to hold before a change may land."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from ops import bootstrap
from ops.errors import Exit
from ops.gateway import package
from ops.outcome import Outcome
from ops.progress import Progress
from ops.suite import tools
from ops.suite.tally import Tally


@click.command()
def test() -> Outcome:
    """Run format, lint, types, import contracts, unit tests and `verify`; ends with `N passed, N failed, N skipped`."""
    progress = Progress()
    bootstrap.install_test_requirements()
    package.provide(progress)
    with tempfile.TemporaryDirectory() as scratch:
        tally = sum((part(progress, Path(scratch)) for part in tools.PARTS), Tally())
    return Outcome(str(tally), Exit.FAILED if tally.failed else Exit.HELD)
