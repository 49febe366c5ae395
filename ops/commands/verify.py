"""`verify`: the main job."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import click
from behave.tag_expression import make_tag_expression
from cucumber_tag_expressions import TagExpressionError

from ops.commands import options
from ops.errors import WrongUsage
from ops.journal.events import RunStarted
from ops.journal.runs import Run
from ops.outcome import Outcome
from ops.progress import Progress, surroundings
from ops.run import backlog, github, selection
from ops.run.scenarios import Features
from ops.run.selection import Planned
from ops.run.summary import summary, verdict
from ops.run.verification import Keeping, Proved, Verification
from ops.run.versions import versions
from ops.stacks import kinds, loan, local, registry, sweeping
from ops.stacks.layout import OPS
from ops.stacks.model import UpOptions
from ops.stacks.remote import RemoteStack
from ops.system import current, require_scale, server, use

NAME = "verify"
WORKERS = 4
MOST_WORKERS = 5
"""Each scenario may keep one call to a service waiting, and a service may have few of them at a time."""
LONG = "not @slow.minute"
QUICK = "not @slow*"
LEFT_OUT = "the scenarios tagged @slow; `python3 -m ops verify --slow` runs them too"
LONG_LEFT_OUT = "the scenarios tagged @slow.minute; `python3 -m ops verify --tags @slow.minute` runs them"


@click.command()
@click.option("--name", default=NAME, show_default=True, help="The name of the stack that comes and goes with the run.")
@click.option("--stack", type=click.Choice(kinds.KINDS), help=f"What the stack is made of.  [default: {local.KIND}]")
@options.database
@options.scale
@click.option(
    "--base-url", help="Prove the stack at this URL instead; scenarios that need control over it are skipped."
)
@click.option("--tags", multiple=True, metavar="EXPRESSION", help='Scenarios to run, e.g. "@P7-01 and not @slow*".')
@click.option(
    "--port", type=options.Whole(0, 65535), default=0, show_default=True, help="The gateway's port, 0 for any."
)
@click.option("--slow", is_flag=True, help="Also run the scenarios that take their time, as `ops test` does.")
@click.option("--keep", is_flag=True, help="Leave the stack up afterwards.")
@click.option(
    "--workers",
    type=options.Whole(1, MOST_WORKERS),
    help=f"How many scenarios run at the same time.  [default: {WORKERS}, and 1 for --base-url]",
)
@click.option(
    "--shuffle",
    type=options.Whole(0),
    is_flag=False,
    flag_value=secrets.randbelow(1_000_000),
    metavar="[SEED]",
    help="Run the scenarios in another order; the same seed gives the same one.",
)
@click.option(
    "-D",
    "defined",
    multiple=True,
    metavar="NAME=VALUE",
    type=options.setting,
    help="Userdata for the features, as behave -D.",
)
def verify(
    name: str,
    stack: str | None,
    database: str | None,
    scale: Mapping[str, int] | None,
    base_url: str | None,
    tags: tuple[str, ...],
    port: int,
    slow: bool,
    keep: bool,
    workers: int | None,
    shuffle: int | None,
    defined: tuple[tuple[str, str], ...],
) -> Outcome:
    """Check, bring the stack up, prove every promise through the gateway, report, take it down."""
    options.require_one_stack(base_url)
    if database:
        use(database)
    sweeping.sweep(registry.environment())
    _understood(tags)
    wanted = tags or (LONG if slow else QUICK,)
    folder = _features()
    planned = selection.select(wanted, folder)
    selection.require(planned, wanted, folder)
    target = RemoteStack(base_url) if base_url else registry.of_kind(name, stack or local.KIND)
    require_scale(current(), scale or {})
    workers = workers or (1 if base_url else WORKERS)
    features = Features(folder, target, _ordered(planned, workers, shuffle), wanted, workers, dict(defined))
    up_options = UpOptions(port, current().links, ephemeral=True, scale=scale, server=server(database))
    keeping = Keeping(keep, failed=not surroundings.in_ci())
    progress = Progress()
    with ExitStack() as lent:
        lent.enter_context(loan.of(target))
        run = Run.begin(OPS)
        run.journal.write(
            RunStarted(
                run=run.id,
                kind="verify",
                stack=target.kind,
                base_url=base_url,
                command=options.called(),
                left_out="" if tags else LONG_LEFT_OUT if slow else LEFT_OUT,
                tags=tags,
                seed=shuffle,
                versions=versions(),
                backlog=backlog.read(),
            )
        )
        if shuffle is not None:
            progress.say(f"the scenarios are shuffled; --shuffle {shuffle} gives the same order")
        with run.held():
            proved = Verification(target, lent, up_options, keeping, run, progress, features).prove()
    _tell_github(proved, progress)
    return Outcome(summary(proved, options.width()), proved.exit)


def _features() -> Path:
    system = current()
    if system.features is None:
        raise WrongUsage(f"{system.file} names no features: x-ops: {{ features: FOLDER }} (docs/system.md)")
    return system.features


def _ordered(planned: list[Planned] | None, workers: int, seed: int | None) -> list[Planned] | None:
    if planned and seed is not None:
        return selection.shuffled(planned, seed)
    return selection.for_workers(planned) if planned and workers > 1 else planned


def _tell_github(proved: Proved, progress: Progress) -> None:
    for command in github.workflow_commands(proved.record):
        progress.annotate(command)
    if file := surroundings.github_summary():
        with file.open("a") as page:
            page.write(github.job_summary(proved.record, verdict(proved)))


def _understood(tags: Sequence[str]) -> None:
    try:
        for expression in tags:
            make_tag_expression(expression)
    except TagExpressionError as mistake:
        raise WrongUsage(f"--tags {expression!r}: {str(mistake).splitlines()[0]}") from None
