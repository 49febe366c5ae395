"""`endure`: no acknowledged order is ever lost or doubled, however often the orders service is killed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterator

import click

from ops.commands import options
from ops.errors import Exit, known
from ops.evidence.runs import Run
from ops.history.endurance import Endurance, Plan
from ops.history.summary import Summary
from ops.outcome import Outcome
from ops.progress import Progress
from ops.proof import evidence, versions
from ops.proof.ending import concluded
from ops.stacks import loan, named, sweeping
from ops.stacks.layout import OPS

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
    own = named.of_kind(name, stack)
    with contextlib.ExitStack() as borrowed:
        borrowed.enter_context(loan.of(own))
        run = Run.begin(OPS)
        with run.held(), concluded(run) as ending, borrowed.pop_all():
            summary = _endured(Endurance(own, plan, run, Progress()), stack)
            ending.code = Exit.FAILED if summary.finding.violations else Exit.HELD
    return Outcome(json.dumps(summary.document(), indent=2) if as_json else summary.text(), ending.code)


def _endured(endurance: Endurance, kind: str) -> Summary:
    """What came of it, which the run's journal is told too."""
    run, began = endurance.run, time.monotonic()
    facts = {"stack": kind, "command": options.called(), "versions": versions.versions()}
    run.journal.write("run-started", run=run.id, **facts)
    with _evidence(endurance):
        _up(endurance)
        endurance.endure()
    summary = Summary(endurance, time.monotonic() - began)
    run.journal.write("summary", words=summary.account())
    return summary


def _up(endurance: Endurance) -> None:
    began = time.monotonic()
    status = endurance.up()
    evidence.ready(endurance.run, status, round((time.monotonic() - began) * 1000), endurance.stack.versions())


@contextlib.contextmanager
def _evidence(endurance: Endurance) -> Iterator[None]:
    """What only the stack knows is kept when the block fails, or finds something; an interruption is accounted for."""
    try:
        yield
    except KeyboardInterrupt:
        report = os.path.relpath(endurance.run.directory / "report.html")
        seed = f"(seed {endurance.plan.seed})"
        endurance.progress.say(f"interrupted; {endurance.counts()} {seed}; report: {report}", "bad")
        raise
    except Exception:
        _keep(endurance)
        raise
    if endurance.finding.violations:
        _keep(endurance)


def _keep(endurance: Endurance) -> None:
    """Where that fails it hides nothing: the run is told, and goes on with what it was about."""
    stack, run = endurance.stack, endurance.run
    try:
        evidence.keep_some(run, stack.log_files(), endurance.is_suspect)
        stack.keep_evidence(run.directory / "stack")
    except Exception as trouble:
        evidence.record(run, known(trouble))
    endurance.progress.say(f"what was kept: {os.path.relpath(run.directory)}", "bad")
