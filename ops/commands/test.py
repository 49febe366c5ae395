"""`test`: everything that has to hold before a change may land."""

from __future__ import annotations

import click

from ops import bootstrap
from ops.errors import Exit
from ops.gateway import package
from ops.outcome import Outcome
from ops.progress import Progress
from ops.quality import engine, packages, results, tools
from ops.quality.results import Tally
from ops.stacks import kinds


@click.command()
@click.option(
    "--stack",
    type=click.Choice([kinds.COMPOSE]),
    help="Do not skip the Compose stack where no Docker Engine answers: start one for the run (root on Debian).",
)
@click.option("--quick", is_flag=True, help="The unit tests alone that start no nginx, container or browser: a minute.")
def test(stack: str | None, quick: bool) -> Outcome:
    """Run format, lint, types, import contracts, unit tests and `verify` on the local and the Compose stack.

    Swarm is not part of it. Ends with `N passed, N failed, N skipped`.
    """
    progress = Progress()
    bootstrap.install_test_requirements()
    if quick:
        return _outcome(tools.run([tools.quick_tests], progress, results.fresh()))
    package.provide_all(progress)
    packages.provide(progress)
    folder = results.fresh()
    with engine.provided(stack == kinds.COMPOSE, progress):
        tally = sum((tools.run(stage, progress, folder) for stage in tools.STAGES), Tally())
    return _outcome(tally)


def _outcome(tally: Tally) -> Outcome:
    return Outcome(str(tally), Exit.FAILED if tally.failed else Exit.HELD)
