"""A comparison of two runs as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ops.journal.record import Record
from ops.progress.sheet import Line, hanging
from ops.report.comparison import FLOOR_MS, RATIO, Change, Comparison
from ops.report.wording import duration
from ops.trace.trace_link import TraceLink

LISTED = 20
"""So many of a kind are named; `--json` has them all."""


def text(compared: Comparison, width: int | None = None) -> str:
    """What is news, a section each, and the counts in the last line; in so many columns where there is a width."""
    return hanging([*_head(compared), *_sections(compared), *_times(compared), *_end(compared)], width).plain


def _head(compared: Comparison) -> Iterator[Line]:
    yield Line("before", _run(compared.before), indent=8)
    yield Line("after", _run(compared.after), indent=8)
    systems = {record.versions.get("system", "") for record in (compared.before, compared.after)}
    if not compared.times_compare:
        yield Line("", "times are not compared: the stacks are of different kinds")
    elif len(systems) > 1:
        yield Line("times are of different machines: ", ", ".join(sorted(systems)))


def _run(record: Record) -> str:
    counts = record.verdict
    failed = counts.failed + counts.not_proven
    took = f" in {record.seconds:.1f} s" if record.seconds is not None else ", unfinished"
    ended = f"{counts.passed + counts.flaky} passed, {failed} failed, {counts.skipped} skipped{took}"
    return "  ".join(filter(None, [record.run, record.stack, record.versions.get("commit", ""), ended]))


def _sections(compared: Comparison) -> Iterator[Line]:
    yield from _section("broke", compared.broke, partial(_broken, trace_link=compared.after.trace_link))
    yield from _section("still broken", compared.still_broken, _named)
    yield from _section("mended", compared.mended, _named)
    yield from _section("otherwise than before", compared.otherwise, _changed)
    yield from _section("new", compared.new, _named)
    yield from _section("not in this run", compared.gone, _named)


def _section(head: str, changes: Sequence[Change], lines: Callable[[Change], Iterator[Line]]) -> Iterator[Line]:
    if changes:
        yield from (Line(""), Line("", f"{head}: {len(changes)}"))
    for change in changes[:LISTED]:
        yield from lines(change)
    if len(changes) > LISTED:
        yield Line("", f"… and {len(changes) - LISTED} more (--json names them all)", indent=2)


def _named(change: Change) -> Iterator[Line]:
    yield Line("", _title(change), indent=2, hang=2)


def _title(change: Change) -> str:
    return f"{change.any.id} {change.any.title}".rstrip()


def _changed(change: Change) -> Iterator[Line]:
    yield from _named(change)
    yield Line("", f"{change.was}, now {change.now}", indent=4)


def _broken(change: Change, trace_link: TraceLink) -> Iterator[Line]:
    yield from _changed(change)
    suspect = change.any.last.suspect
    yield Line("", change.any.in_a_line, indent=4)
    if suspect:
        yield Line("", trace_link.words(suspect), indent=4, is_whole=trace_link.has_logs)


def _times(compared: Comparison) -> Iterator[Line]:
    head = f"slower, at least {RATIO} times and {FLOOR_MS:.0f} ms"
    yield from _section(head, compared.slower, _slower)
    slow = compared.slower_recoveries
    if slow:
        yield from (Line(""), Line("", "slower to recover from"))
    for each in slow:
        words = f"{each.kind} on {each.target}: {duration(each.before_ms)}, now {duration(each.after_ms)}"
        yield Line("", words, indent=2)
    if compared.pace >= RATIO:
        pace = f"all scenarios take {compared.pace:.1f} times as long (median): the machine, or the shop as a whole"
        yield from (Line(""), Line("", pace))


def _slower(change: Change) -> Iterator[Line]:
    before, after = (duration(each.last.ms) for each in (change.before, change.after) if each)
    yield Line("", f"{before}, now {after} (× {change.ratio:.1f})  {_title(change)}", indent=2, hang=2)


def _end(compared: Comparison) -> Iterator[Line]:
    counts = {
        "broke": compared.broke,
        "mended": compared.mended,
        "slower": compared.slower,
        "new": compared.new,
        "not in this run": compared.gone,
    }
    same = sum(change.was == change.now for change in compared.changes)
    words = ", ".join([*(f"{len(changes)} {words}" for words, changes in counts.items()), f"{same} as before"])
    yield from (Line(""), Line("", words))
