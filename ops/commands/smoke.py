"""`smoke`: the checklist of docs/operations.md, run exactly as it stands there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from ops.commands import options
from ops.errors import Exit, StackNotReady, WrongUsage
from ops.evidence.masking import mask_text
from ops.evidence.runs import Run
from ops.interruption import undisturbed
from ops.outcome import Outcome
from ops.progress import Progress
from ops.proof import evidence, versions
from ops.proof.ending import concluded
from ops.smoke import ticks
from ops.smoke.page import Page
from ops.smoke.record import Record
from ops.smoke.shell import require_programs
from ops.smoke.site import PAGE, Site
from ops.smoke.ticks import LastRun
from ops.smoke.walk import Result
from ops.stacks import kinds, loan, local, named, sweeping, url
from ops.stacks.layout import OPS, ROOT
from ops.stacks.model import OwnStack, Wish
from ops.stacks.url import UrlStack
from ops.trace.trace_link import TraceLink

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SIGNS = {"held": ("✓", "ok"), "failed": ("✗", "bad"), "skipped": ("-", "skip")}

SHOWN = 600
"""Characters of what came instead; the report has more."""


@dataclass(frozen=True)
class Place:
    """Where the steps are tried: what kind of stack that is, and what can be known of it from here."""

    kind: str
    site: Site
    log_files: Sequence[Path]
    versions: Mapping[str, str]

    @property
    def told(self) -> str:
        """As the page tells of it."""
        return mask_text(self.site.url) if self.kind == url.KIND else self.kind


@click.command()
@options.name
@click.option("--stack", type=click.Choice(kinds.KINDS), help="What the stack is made of, if it is not up yet.")
@click.option("--base-url", help="Try the stack at this URL; steps that need control over it are skipped.")
@click.option("--page", type=FILE, default=PAGE, help="Where the checklist stands, if not in docs/operations.md.")
@click.option(
    "--tick", is_flag=True, help="Write boxes, date, stack and commit into the page. Needs a run that skips no step."
)
def smoke(name: str, stack: str | None, base_url: str | None, page: Path, tick: bool) -> Outcome:
    """Run the smoke checklist exactly as its page has it, against the stack that is up, or else one for the while."""
    options.require_one_stack(base_url)
    text, checklist = _read(page)
    require_programs(named.environment())
    progress = Progress()
    with _elsewhere(base_url) if base_url else _here(name, stack, progress) as place:
        run = Run.begin(OPS)
        with run.held():
            results = _followed(checklist, place, run, Record(run.journal, str(_short(page))), progress)
    told = list(_summary(results, run, TraceLink(run.id, has_logs=bool(place.log_files))))
    if tick and (skipped := ticks.skipped(results)):
        whole = f"{_short(page)} tells of runs that followed every step"
        return Outcome("\n".join([*told, f"not ticked: {whole}, and this one skipped {skipped}"]), Exit.FAILED)
    if tick:
        last_run = LastRun(datetime.now(UTC).date(), place.told, versions.commit(but=page))
        ticks.write(page, text, ticks.ticked(text, checklist, results, last_run))
        told.append(f"ticked: {_short(page)} tells of this run now")
    return Outcome("\n".join(told), _exit(results))


def _followed(page: Page, place: Place, run: Run, record: Record, progress: Progress) -> list[Result]:
    """The results, told as they come; the run's reports are written also when it is interrupted."""
    known = {**versions.versions(), **place.versions}
    facts = {"stack": place.kind, "baseUrl": place.site.url, "command": options.called(), "versions": known}
    run.journal.write("run-started", run=run.id, **facts)
    results: list[Result] = []
    with concluded(run) as ending:
        try:
            for result in place.site.walk(page, run.id, record.begin):
                results.append(result)
                record.end(result)
                _tell(len(results), result, progress)
        finally:
            with undisturbed():
                evidence.keep(run, place.log_files)
        ending.code = _exit(results)
    return results


def _exit(results: Sequence[Result]) -> Exit:
    """A run in which no step held has proven nothing."""
    ends = {result.status for result in results}
    return Exit.HELD if "held" in ends and "failed" not in ends else Exit.FAILED


def _summary(results: Sequence[Result], run: Run, leads: TraceLink) -> Iterator[str]:
    for result in results:
        if result.status != "held":
            yield f"{result.status}: {result.step.title} ({result.why[0]})"
        if result.status == "failed" and result.request_id:
            yield f"    {leads.words(result.request_id)}"
    yield ticks.counted(results)
    yield f"report: {_short(run.directory / 'report.html')}"


def _read(page: Path) -> tuple[str, Page]:
    try:
        text = page.read_text(encoding="utf-8")
        return text, Page.read(text)
    except UnicodeDecodeError as mistake:
        raise WrongUsage(f"{_short(page)} is not UTF-8: byte {mistake.start} cannot be read") from None
    except WrongUsage as mistake:
        raise WrongUsage(f"{_short(page)}, {mistake}") from None


def _short(page: Path) -> Path:
    return page.relative_to(ROOT) if page.is_relative_to(ROOT) else page


@contextlib.contextmanager
def _elsewhere(base_url: str) -> Iterator[Place]:
    stack = UrlStack(base_url)
    stack.reach()
    yield Place(url.KIND, Site(stack.url, stack.name, stack.capabilities), stack.log_files(), {})


@contextlib.contextmanager
def _here(name: str, kind: str | None, progress: Progress) -> Iterator[Place]:
    sweeping.sweep(named.environment())
    stack = named.of_kind(name, kind) if kind else named.stack(name)
    if stack.state:
        yield _place(stack)
        return
    stack = named.of_kind(name, kind or local.KIND)
    with loan.of(stack):
        stack.up(Wish(port=0, ephemeral=True), progress)
        yield _place(stack)


def _place(stack: OwnStack) -> Place:
    status = stack.status()
    if status.state != "ready" or status.url is None:
        raise StackNotReady(f"stack {stack.name} is {status.state}: python3 -m ops status --name {stack.name}")
    site = Site(status.url, stack.name, stack.capabilities, stack.layout.directory)
    return Place(status.stack, site, stack.log_files(), stack.versions())


def _tell(number: int, result: Result, progress: Progress) -> None:
    sign, style = SIGNS[result.status]
    took = "" if result.status == "skipped" else f"  {result.seconds * 1000:.0f} ms"
    progress.say(f"{sign} {number:2} {result.step.title}{took}", style)
    if result.status == "failed":
        progress.quote([*result.why, *result.came[:SHOWN].splitlines(), *_request(result)])


def _request(result: Result) -> Iterator[str]:
    if result.request_id:
        yield f"request ID: {result.request_id}"
