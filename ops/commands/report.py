"""`report`: where a run's report is; the runs that are kept, two of them compared, old ones removed."""

from __future__ import annotations

import json
import os
import re
import webbrowser
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import click

from ops.commands import options
from ops.errors import Exit, OpsError, WrongUsage
from ops.journal import runs
from ops.journal.record import Record
from ops.journal.runs import Rule, Run
from ops.outcome import Outcome
from ops.report import comparison_text, listing, write_reports
from ops.report.comparison import Comparison
from ops.report.headline import headline
from ops.stacks.layout import OPS

MODES = ("open", "rebuild", "list", "compare", "prune")
TOGETHER = {"open", "rebuild"}
UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def age(value: str) -> timedelta:
    """A number with its unit: h, d or w."""
    found = re.fullmatch(r"(\d{1,5})([hdw])", value)
    if not found:
        raise click.BadParameter(f"{value!r} is no age; one looks like 14d, 36h or 2w")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.command()
@click.argument("run", required=False)
@click.option("--open", "is_open", is_flag=True, help="Open it in the browser.")
@click.option("--rebuild", is_flag=True, help="Make its reports anew from its journal, as they look today.")
@click.option("--list", "is_list", is_flag=True, help="List the runs that are kept, newest first.")
@click.option(
    "--compare", metavar="BEFORE", help="Say what broke, was mended or became slower since: in RUN, or in the last run."
)
@click.option("--prune", is_flag=True, help="Remove runs that neither --keep nor --older-than lets stay.")
@click.option("--keep", type=options.Whole(0), help="With --prune: keep that many, the newest.")
@click.option("--older-than", "younger", type=age, help="With --prune: keep what is younger, e.g. than 14d.")
@click.option("--dry-run", is_flag=True, help="With --prune: only say what would be removed.")
@options.as_json
def report(
    run: str | None,
    is_open: bool,
    rebuild: bool,
    is_list: bool,
    compare: str | None,
    prune: bool,
    keep: int | None,
    younger: timedelta | None,
    dry_run: bool,
    as_json: bool,
) -> Outcome:
    """Say where the report of the last run is, or of RUN: its name, the end of it, `latest`, or a run's folder."""
    asked = dict(zip(MODES, (is_open, rebuild, is_list, compare is not None, prune), strict=True))
    _require_sense(asked, run, pruning_too=keep is not None or younger is not None or dry_run)
    if is_list:
        return _list(as_json)
    if prune:
        return _prune(Rule(keep, younger), dry_run, as_json)
    if compare is not None:
        return _compare(compare, run or runs.LATEST, as_json)
    return _where(runs.find(OPS, run or runs.LATEST), is_open, rebuild, as_json)


def _require_sense(asked: Mapping[str, bool], run: str | None, *, pruning_too: bool) -> None:
    modes = {mode for mode, is_asked in asked.items() if is_asked}
    if len(modes) > 1 and not modes <= TOGETHER:
        raise WrongUsage(f"{' and '.join(f'--{mode}' for mode in sorted(modes))} are two things: ask for one")
    if pruning_too and "prune" not in modes:
        raise WrongUsage("--keep, --older-than and --dry-run belong to --prune")
    if run and modes & {"list", "prune"}:
        raise WrongUsage(f"--{modes.pop()} is about all runs, not about {run!r}")


def _where(run: Run, is_open: bool, rebuild: bool, as_json: bool) -> Outcome:
    page = run.directory / "report.html"
    if rebuild or not page.exists():
        write_reports(run.record, run.directory)
    if is_open:
        _show(page.resolve().as_uri(), os.path.relpath(page))
    if not as_json:
        return Outcome(os.path.relpath(page))
    files = {"report": page, "acceptance": run.directory / "acceptance.md", "journal": run.journal.path}
    entry = listing.Entry.of(run.directory).document()
    return Outcome(json.dumps({**entry, **{name: str(path) for name, path in files.items()}}, indent=2))


def _show(address: str, path: str) -> None:
    try:
        is_shown = webbrowser.open(address)
    except webbrowser.Error:
        is_shown = False
    if not is_shown:
        raise OpsError(f"there is no browser here that could open it; the report is {path}")


def _list(as_json: bool) -> Outcome:
    found = listing.entries(OPS)
    if as_json:
        return Outcome(json.dumps({"runs": [entry.document() for entry in found]}, indent=2))
    return Outcome(listing.text(found, options.width()))


def _compare(before: str, after: str, as_json: bool) -> Outcome:
    compared = Comparison(*(_comparable(runs.find(OPS, name)) for name in (before, after)))
    if not compared.in_common:
        what = " and ".join(f"{record.run} ({record.kind})" for record in (compared.before, compared.after))
        raise WrongUsage(f"{what} have no scenario in common")
    as_text = json.dumps(compared.document(), indent=2) if as_json else comparison_text.text(compared, options.width())
    return Outcome(as_text, Exit.FAILED if compared.broke else Exit.HELD)


def _comparable(run: Run) -> Record:
    if not run.record.scenarios:
        raise WrongUsage(f"{run.id} has no scenarios to compare: {headline(run.record)}")
    return run.record


def _prune(rule: Rule, dry: bool, as_json: bool) -> Outcome:
    if rule.keep is None and rule.age is None:
        raise WrongUsage("--prune needs to know what stays: --keep 20, --older-than 14d, or both")
    pruned = runs.prune(runs.folders(OPS), rule, datetime.now(UTC), dry=dry)
    as_text = json.dumps(listing.document_of_pruned(pruned), indent=2) if as_json else listing.text_of_pruned(pruned)
    return Outcome(as_text)
