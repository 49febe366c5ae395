"""`smoke`: the checklist of docs/operations.md, run exactly as it stands there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from ops.commands import options
from ops.errors import Exit, StackNotReady, WrongUsage
from ops.evidence.masking import mask_text
from ops.outcome import Outcome
from ops.progress import Progress
from ops.proof import versions
from ops.smoke import ticks
from ops.smoke.page import Page
from ops.smoke.site import PAGE, Site
from ops.smoke.ticks import LastRun
from ops.smoke.walk import Result
from ops.stacks import kinds, loan, local, named, sweeping
from ops.stacks.layout import ROOT
from ops.stacks.model import OwnStack, Wish
from ops.stacks.url import UrlStack

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SIGNS = {"held": ("✓", "ok"), "failed": ("✗", "bad"), "skipped": ("-", "skip")}


@click.command()
@options.name
@click.option("--stack", type=click.Choice(kinds.KINDS), help="What the stack is made of, if it is not up yet.")
@click.option("--base-url", help="Try the stack at this URL; steps that need control over it are skipped.")
@click.option("--page", type=FILE, default=PAGE, show_default="docs/operations.md", help="Where the checklist stands.")
@click.option("--tick", is_flag=True, help="Write the boxes, and date, stack and commit of the run, into the page.")
def smoke(name: str, stack: str | None, base_url: str | None, page: Path, tick: bool) -> Outcome:
    """Run the smoke checklist exactly as its page has it, against the stack that is up, or else one for the while."""
    text = page.read_text(encoding="utf-8")
    checklist = _read(page, text)
    progress = Progress()
    with _elsewhere(base_url) if base_url else _here(name, stack, progress) as (kind, site):
        results = [_told(number, result, progress) for number, result in enumerate(site.walk(checklist), 1)]
    if tick:
        run = LastRun(datetime.now(UTC).date(), mask_text(kind), versions.commit(but=page))
        ticks.write(page, ticks.ticked(text, checklist, results, run))
    failed = any(result.status == "failed" for result in results)
    return Outcome(ticks.counted(results), Exit.FAILED if failed else Exit.HELD)


def _read(page: Path, text: str) -> Page:
    try:
        return Page.read(text)
    except WrongUsage as mistake:
        raise WrongUsage(f"{_short(page)}, {mistake}") from None


def _short(page: Path) -> Path:
    return page.relative_to(ROOT) if page.is_relative_to(ROOT) else page


@contextlib.contextmanager
def _elsewhere(base_url: str) -> Iterator[tuple[str, Site]]:
    stack = UrlStack(base_url)
    stack.reach()
    yield stack.url, Site(stack.url, stack.name, stack.capabilities)


@contextlib.contextmanager
def _here(name: str, kind: str | None, progress: Progress) -> Iterator[tuple[str, Site]]:
    sweeping.sweep(named.environment())
    stack = named.of_kind(name, kind) if kind else named.stack(name)
    if stack.state:
        yield _site(stack)
        return
    stack = named.of_kind(name, kind or local.KIND)
    with loan.of(stack):
        stack.up(Wish(port=0, ephemeral=True), progress)
        yield _site(stack)


def _site(stack: OwnStack) -> tuple[str, Site]:
    status = stack.status()
    if status.state != "ready" or status.url is None:
        raise StackNotReady(f"stack {stack.name} is {status.state}: python3 -m ops status --name {stack.name}")
    return status.stack, Site(status.url, stack.name, stack.capabilities)


def _told(number: int, result: Result, progress: Progress) -> Result:
    sign, style = SIGNS[result.status]
    time = "" if result.status == "skipped" else f"  {result.seconds * 1000:.0f} ms"
    progress.say(f"{sign} {number:2} {result.step.title}{time}", style)
    progress.quote([*result.why, *result.came.splitlines()])
    if result.status == "failed" and result.request_id:
        progress.quote([f"request ID: {result.request_id}"])
    return result
