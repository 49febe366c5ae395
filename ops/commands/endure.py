"""`endure`: no acknowledged order is ever lost or doubled, however often the orders service is killed."""

from __future__ import annotations

import json
import os
import secrets
import time

import click

from ops.commands import options
from ops.errors import Exit, OpsError
from ops.evidence.runs import Run
from ops.history.endurance import Endurance, Plan
from ops.history.summary import Summary
from ops.interruption import undisturbed
from ops.outcome import Outcome
from ops.progress import Progress
from ops.proof import evidence, versions
from ops.report import write_reports
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
    with loan.of(own):
        run = Run.begin(OPS)
        with run.held():
            summary = _endured(Endurance(own, plan, run, Progress()), stack)
    text = json.dumps(summary.document(), indent=2) if as_json else summary.text()
    return Outcome(text, Exit.FAILED if summary.finding.violations else Exit.HELD)


def _endured(endurance: Endurance, kind: str) -> Summary:
    """What came of it; its run has an end and reports, however it ends."""
    run, began, code = endurance.run, time.monotonic(), Exit.FAILED
    facts = {"stack": kind, "command": options.called(), "versions": versions.versions()}
    run.journal.write("run-started", run=run.id, **facts)
    try:
        _up(endurance)
        finding = endurance.endure()
        code = Exit.FAILED if finding.violations else Exit.HELD
        summary = Summary(endurance, finding, time.monotonic() - began)
        run.journal.write("summary", words=summary.account())
        return summary
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
        raise
    except OpsError as failure:
        code = failure.exit
        evidence.record(run, failure)
        raise
    finally:
        with undisturbed():
            _keep(endurance, code)
            seconds = round(time.monotonic() - began, 3)
            run.journal.write("run-finished", exit=int(code), seconds=seconds, interrupted=code == Exit.INTERRUPTED)
            write_reports(run.directory)


def _up(endurance: Endurance) -> None:
    began = time.monotonic()
    status = endurance.up()
    evidence.ready(endurance.run, status, round((time.monotonic() - began) * 1000), endurance.stack.versions())


def _keep(endurance: Endurance, code: Exit) -> None:
    """The stack's logs if something is wrong, and of the requests in which it shows their lines in the journal."""
    if code in (Exit.HELD, Exit.INTERRUPTED):
        return
    run = endurance.run
    evidence.keep_of(run, endurance.stack.log_files(), endurance.suspects())
    endurance.stack.keep_evidence(run.directory / "stack")
    endurance.progress.say(f"the history so far and the stack's logs: {os.path.relpath(run.directory)}", "bad")
