"""A comparison of two runs as text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ops.archive.comparison import FLOOR_MS, RATIO, Change, Comparison
from ops.evidence.leads import Leads
from ops.evidence.story import Story
from ops.report.wording import duration

LISTED = 20
"""So many of a kind are named; `--json` has them all."""


def text(compared: Comparison) -> str:
    """What is news, a section each, and the counts in the last line."""
    return "\n".join([*_head(compared), *_sections(compared), *_times(compared), *_end(compared)])


def _head(compared: Comparison) -> Iterator[str]:
    yield f"before  {_run(compared.before)}"
    yield f"after   {_run(compared.after)}"
    systems = {story.versions.get("system", "") for story in (compared.before, compared.after)}
    if not compared.times_compare:
        yield "times are not compared: the stacks are of different kinds"
    elif len(systems) > 1:
        yield "times are of different machines: " + ", ".join(sorted(systems))


def _run(story: Story) -> str:
    counts = story.verdict
    failed = counts.failed + counts.not_proven
    took = f" in {story.seconds:.1f} s" if story.seconds is not None else ", unfinished"
    ended = f"{counts.passed + counts.flaky} passed, {failed} failed, {counts.skipped} skipped{took}"
    return "  ".join(filter(None, [story.run, story.stack, story.versions.get("commit", ""), ended]))


def _sections(compared: Comparison) -> Iterator[str]:
    yield from _section("broke", compared.broke, partial(_broken, leads=compared.after.leads))
    yield from _section("still broken", compared.still_broken, _named)
    yield from _section("mended", compared.mended, _named)
    yield from _section("otherwise than before", compared.otherwise, _changed)
    yield from _section("new", compared.new, _named)
    yield from _section("not in this run", compared.gone, _named)


def _section(head: str, changes: Sequence[Change], lines: Callable[[Change], Iterator[str]]) -> Iterator[str]:
    if changes:
        yield f"\n{head}: {len(changes)}"
    for change in changes[:LISTED]:
        yield from lines(change)
    if len(changes) > LISTED:
        yield f"  … and {len(changes) - LISTED} more (--json names them all)"


def _named(change: Change) -> Iterator[str]:
    yield f"  {change.any.id} {change.any.title}".rstrip()


def _changed(change: Change) -> Iterator[str]:
    yield from _named(change)
    yield f"    {change.was}, now {change.now}"


def _broken(change: Change, leads: Leads) -> Iterator[str]:
    yield from _changed(change)
    yield "    " + textwrap.shorten(change.any.reason, 200, placeholder=" …")
    if suspect := change.any.last.suspect:
        yield f"    {leads.words(suspect)}"


def _times(compared: Comparison) -> Iterator[str]:
    head = f"slower, at least {RATIO} times and {FLOOR_MS:.0f} ms"
    yield from _section(head, compared.slower, _slower)
    slow = compared.slower_recoveries
    if slow:
        yield "\nslower to recover from"
    for each in slow:
        yield f"  {each.kind} on {each.target}: {duration(each.before_ms)}, now {duration(each.after_ms)}"
    if compared.pace >= RATIO:
        yield f"\nall scenarios take {compared.pace:.1f} times as long (median): the machine, or the shop as a whole"


def _slower(change: Change) -> Iterator[str]:
    before, after = (duration(each.last.ms) for each in (change.before, change.after) if each)
    yield f"  {before}, now {after} (× {change.ratio:.1f})  {change.any.id} {change.any.title}".rstrip()


def _end(compared: Comparison) -> Iterator[str]:
    counts = {
        "broke": compared.broke,
        "mended": compared.mended,
        "slower": compared.slower,
        "new": compared.new,
        "not in this run": compared.gone,
    }
    same = sum(change.was == change.now for change in compared.changes)
    yield "\n" + ", ".join([*(f"{len(changes)} {words}" for words, changes in counts.items()), f"{same} as before"])
