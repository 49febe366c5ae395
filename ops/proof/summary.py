"""The last words of a run, for people: the verdict, what did not hold, what was skipped and why, where to look."""

from __future__ import annotations

from collections.abc import Iterator

from ops.errors import Exit
from ops.evidence.journal import Event, read
from ops.proof.proof import Proved
from ops.stacks.layout import ROOT

WORDS = {
    Exit.HELD: "all held",
    Exit.FAILED: "a promise is broken",
    Exit.USAGE: "wrong usage",
    Exit.CONFIGURATION: "the configuration is invalid",
    Exit.NOT_READY: "the stack did not get ready",
    Exit.NOT_PROVEN: "a fault was not confirmed, so its scenario proves nothing",
    Exit.CLEANUP: "the clean-up failed",
    Exit.INTERRUPTED: "interrupted",
}


def summary(proved: Proved, left_out: str = "") -> str:
    """A few lines, the verdict last; `left_out` says what was not even tried."""
    events = [event for event in read(proved.run.journal.path) if event["event"] == "scenario-finished"]
    named = [line for status in ("skipped", "not-proven", "failed") for line in _named(status, events)]
    return "\n".join(filter(None, [*named, left_out, *_end(proved)]))


def _named(status: str, events: list[Event]) -> Iterator[str]:
    for event in events:
        if event["status"] == status:
            reason = str(event.get("reason") or "").splitlines()
            yield f"{status}: {event['id']} {event.get('name', '')}" + (f" ({reason[0]})" if reason else "")


def _end(proved: Proved) -> Iterator[str]:
    report = proved.run.directory / "report.html"
    yield f"report: {report.relative_to(ROOT) if report.is_relative_to(ROOT) else report}"
    verdict = proved.verdict
    counts = f"{verdict.passed} passed, {verdict.failed + verdict.not_proven} failed, {verdict.skipped} skipped"
    words = (
        WORDS[proved.exit] if verdict.passed or proved.exit != Exit.FAILED or verdict.failed else "nothing is proven"
    )
    yield f"{words}: {counts} in {proved.seconds:.1f} s"
