"""`smoke`: the checklist that the system names, run exactly as its page has it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from ops.commands import options
from ops.errors import Exit, StackNotReady, WrongUsage
from ops.interruption import undisturbed
from ops.journal.events import RunStarted
from ops.journal.masking import mask_text
from ops.journal.runs import Run
from ops.outcome import Outcome
from ops.progress import Progress
from ops.run import evidence, versions
from ops.run.ending import concluded
from ops.smoke import page as pages
from ops.smoke import record
from ops.smoke.page import Page
from ops.smoke.shell import require_programs
from ops.smoke.walk import Result, walking
from ops.stacks import kinds, loan, local, registry, remote, sweeping
from ops.stacks.layout import OPS
from ops.stacks.model import Stack, UpOptions
from ops.stacks.remote import RemoteStack
from ops.system import current
from ops.trace.trace_link import TraceLink

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SIGNS = {"held": ("✓", "ok"), "failed": ("✗", "bad"), "skipped": ("-", "skip")}
SHOWN = 600
"""Characters of what was answered instead; the report has more."""


@click.command()
@options.name
@click.option("--stack", type=click.Choice(kinds.KINDS), help="What the stack is made of, if it is not up yet.")
@click.option("--base-url", help="Try the stack at this URL; steps that need control over it are skipped.")
@click.option("--page", type=FILE, help="The checklist to run.  [default: x-ops.checklist]")
@click.option(
    "--tick",
    is_flag=True,
    help="Write a copy beside the page, with ticks, date, stack and commit; fails if a step was skipped.",
)
def smoke(name: str, stack: str | None, base_url: str | None, page: Path | None, tick: bool) -> Outcome:
    """Run the smoke checklist exactly as its page has it, against the stack that is up.

    If none is, against one that is started for the run and removed afterwards.
    """
    options.require_one_stack(base_url)
    page = page or pages.checklist()
    checklist = _read(page)
    require_programs(registry.environment())
    progress = Progress()
    with _elsewhere(base_url) if base_url else _here(name, stack, progress) as place:
        run = Run.begin(OPS)
        with run.held():
            results = _followed(checklist, str(_short(page)), place, run, progress)
    said = list(_summary(results, run, TraceLink(run.id, has_logs="logs" in place.capabilities)))
    if not tick:
        return Outcome("\n".join(said), _exit(results))
    copy = pages.copy_of(page)
    if skipped := sum(result.status == "skipped" for result in results):
        whole = f"{_short(copy)} shows a run that follows every step, and this one skipped {skipped}"
        return Outcome("\n".join([*said, f"not ticked: {whole}"]), Exit.FAILED)
    pages.write(copy, _ticked(checklist, page.name, results, place, versions.commit(but=copy)))
    return Outcome("\n".join([*said, f"ticked: {_short(copy)} shows this run"]), _exit(results))


def _ticked(checklist: Page, page: str, results: Sequence[Result], place: Stack, commit: str) -> str:
    """The copy, which says when and where it was run."""
    held = [result.step for result in results if result.status == "held"]
    where = mask_text(place.base_url) if place.kind == remote.KIND else place.kind
    return checklist.ticked(page, held, f"{datetime.now(UTC).date()}, {where}, commit {commit}: {_counted(results)}")


def _followed(page: Page, file: str, stack: Stack, run: Run, progress: Progress) -> list[Result]:
    """The results, shown as they come; the run's reports are written also when it is interrupted."""
    known = {**versions.versions(), **stack.versions()}
    run.journal.write(
        RunStarted(
            run=run.id,
            kind="smoke",
            stack=stack.kind,
            base_url=stack.base_url,
            command=options.called(),
            versions=known,
        )
    )
    results: list[Result] = []
    with concluded(run) as ending:
        try:
            with walking(page, run.id, stack) as walk:
                for step in page.steps:
                    record.begin(run.journal, file, step)
                    results.append(walk.take(step))
                    record.end(run.journal, file, results[-1])
                    _show(len(results), results[-1], progress)
        finally:
            with undisturbed():
                evidence.keep(run, stack.log_files())
        ending.code = _exit(results)
    return results


def _exit(results: Sequence[Result]) -> Exit:
    """A run in which no step held has proven nothing."""
    ends = {result.status for result in results}
    return Exit.HELD if "held" in ends and "failed" not in ends else Exit.FAILED


def _counted(results: Sequence[Result]) -> str:
    """ "36 of 45 held, 9 skipped"."""
    ends = Counter(result.status for result in results)
    return f"{ends['held']} of {len(results)} held" + (f", {ends['skipped']} skipped" if ends["skipped"] else "")


def _summary(results: Sequence[Result], run: Run, trace_link: TraceLink) -> Iterator[str]:
    for result in results:
        if result.status != "held":
            yield f"{result.status}: {result.step.title} ({result.why[0]})"
        if result.status == "failed" and result.request_id:
            yield f"    {trace_link.words(result.request_id)}"
    yield _counted(results)
    yield f"report: {_short(run.directory / 'report.html')}"


def _read(page: Path) -> Page:
    try:
        return Page.read(page.read_text(encoding="utf-8"))
    except UnicodeDecodeError as mistake:
        raise WrongUsage(f"{_short(page)} is not UTF-8: byte {mistake.start} cannot be read") from None
    except WrongUsage as mistake:
        raise WrongUsage(f"{_short(page)}, {mistake}") from None


def _short(page: Path) -> Path:
    root = current().root
    return page.relative_to(root) if page.is_relative_to(root) else page


@contextlib.contextmanager
def _elsewhere(base_url: str) -> Iterator[Stack]:
    stack = RemoteStack(base_url)
    stack.reach()
    yield stack


@contextlib.contextmanager
def _here(name: str, kind: str | None, progress: Progress) -> Iterator[Stack]:
    sweeping.sweep(registry.environment())
    found = registry.asked_for(name)  # and the system has the database of that stack
    stack = registry.of_kind(name, kind) if kind else found
    if stack.state:
        yield _ready(stack)
        return
    stack = registry.of_kind(name, kind or local.KIND)
    with loan.of(stack):
        loan.up(stack, UpOptions(port=0, ephemeral=True), progress)
        yield _ready(stack)


def _ready(stack: Stack) -> Stack:
    status = stack.status()
    if status.state != "ready":
        raise StackNotReady(f"stack {stack.name} is {status.state}: python3 -m ops status --name {stack.name}")
    return stack


def _show(number: int, result: Result, progress: Progress) -> None:
    sign, style = SIGNS[result.status]
    took = "" if result.status == "skipped" else f"  {result.seconds * 1000:.0f} ms"
    progress.say(f"{sign} {number:2} {result.step.title}{took}", style)
    if result.status == "failed":
        request = [f"request ID: {result.request_id}"] if result.request_id else []
        progress.quote([*result.why, *result.came[:SHOWN].splitlines(), *request])
