"""`endure`: no acknowledged order is ever lost or doubled, however often the orders service is killed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import click

from ops.commands import options
from ops.errors import Exit
from ops.evidence.runs import Run
from ops.history.endurance import Endurance, Plan
from ops.history.summary import Summary
from ops.outcome import Outcome
from ops.progress import Progress
from ops.stacks import loan, named, sweeping
from ops.stacks.layout import OPS
from ops.stacks.model import OwnStack

NAME = "endure"


@click.command()
@click.option("--name", default=NAME, show_default=True, help="The name of the stack that comes and goes with the run.")
@options.stack
@click.option("--rounds", type=options.Whole(1, 1000), default=40, show_default=True, help="How often to kill.")
@click.option("--customers", type=options.Whole(1, 64), default=8, show_default=True, help="How many order at a time.")
@click.option("--seed", type=int, help="Repeat the chances of another run: when to kill, what to repeat.")
@options.as_json
def endure(name: str, stack: str, rounds: int, customers: int, seed: int | None, as_json: bool) -> Outcome:
    """Let customers order while the orders service is killed and restarted, and account for every order."""
    sweeping.sweep(named.environment())
    plan = Plan(rounds, customers, secrets.randbelow(1_000_000) if seed is None else seed)
    began = time.monotonic()
    own = named.of_kind(name, stack)
    with loan.of(own):
        run = Run.begin(OPS)
        directory = run.directory
        progress = Progress()
        endurance = Endurance(own, plan, directory, progress)
        with run.held(), _evidence(own, directory, progress) as broken:
            endurance.up()
            finding = endurance.run()
            broken += finding.violations
    history = Path(os.path.relpath(endurance.history.file))
    summary = Summary(plan, finding, endurance.recoveries, time.monotonic() - began, history)
    text = json.dumps(summary.document(), indent=2) if as_json else summary.text()
    return Outcome(text, Exit.FAILED if finding.violations else Exit.HELD)


@contextlib.contextmanager
def _evidence(stack: OwnStack, directory: Path, progress: Progress) -> Iterator[list[object]]:
    """The stack's logs are kept if the block fails, or puts something into the list that it is given."""
    broken: list[object] = []
    try:
        yield broken
    except Exception as failure:
        broken.append(failure)
        raise
    finally:
        if broken:
            stack.keep_evidence(directory / "stack")
            progress.say(f"the history so far and the stack's logs: {os.path.relpath(directory)}", "bad")
