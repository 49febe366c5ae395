"""The verdict of a run in words."""

from collections.abc import Iterator
from typing import Final

from ops.evidence.measurements import Bench
from ops.evidence.story import SetupFailure, Story, Verdict
from ops.report.wording import counted, duration

_FAILURES: Final = {
    "StackNotReady": "The stack did not get ready.",
    "WorkNotDone": "A request under load did not do its work.",
    "SuiteBroken": "Not every scenario ran to its end.",
    "ConfigurationInvalid": "The configuration is invalid.",
    "CleanupFailed": "The clean-up failed.",
    "Surprise": "The harness met what nobody had thought of.",
}


def headline(story: Story) -> str:
    """One sentence: the worst that happened, or that all held."""
    verdict = story.verdict
    ran = len(story.scenarios) - verdict.skipped
    if story.setup_failures:
        return what_failed(story.setup_failures[0])
    if story.bench:
        return of_bench(story.bench)
    if story.interrupted:
        return f"Interrupted after {counted(ran - _under_way(story), 'scenario')}."
    if verdict.failed:
        nothing = f", {verdict.not_proven:,} proved nothing" if verdict.not_proven else ""
        return f"{verdict.failed:,} of {counted(ran, 'scenario')} failed{nothing}."
    return _without_failure(story, verdict, ran)


def of_bench(bench: Bench) -> str:
    """How many measurements there are, and whether they count."""
    made = counted(len(bench.measurements), "measurement")
    what = f"Bench: {made} of {counted(len(bench.stacks), 'stack')}"
    if not bench.void:
        return f"{what}, no errors."
    return f"{what}, {len(bench.void):,} of them {'does' if len(bench.void) == 1 else 'do'} not count."


def what_failed(failure: SetupFailure) -> str:
    """Of something other than a scenario."""
    return _FAILURES.get(failure.phase, f"The set-up failed: {failure.phase}.")


def tone(story: Story) -> str:
    """The status whose sign stands before the headline."""
    verdict = story.verdict
    if verdict.ok or _is_good(story):
        return "passed"
    only_unproven = verdict.not_proven and not (verdict.failed or story.interrupted or story.failed_checks)
    return "not-proven" if only_unproven else "failed"


def _is_good(story: Story) -> bool:
    """For a bench, which has no scenarios."""
    bench = story.bench
    is_whole = not (story.setup_failures or story.interrupted)
    return is_whole and bench is not None and bool(bench.measurements) and not bench.void


def account(story: Story) -> list[str]:
    """The rest of the verdict, a sentence each: what held, what did not, the faults, the checks, what is missing."""
    return [*_endings(story), *_summary(story), *_results(story), *_faults(story), *_checks(story), *_gaps(story)]


def _without_failure(story: Story, verdict: Verdict, ran: int) -> str:
    if verdict.not_proven:
        return f"{counted(verdict.not_proven, 'scenario')} proved nothing: a fault did not take effect."
    if story.failed_checks:
        return f"A check failed: {story.failed_checks[0].name}."
    if not ran:
        return "No scenario ran."
    return f"All {counted(ran, 'scenario')} held." if ran > 1 else "The one scenario held."


def _endings(story: Story) -> Iterator[str]:
    if story.interrupted:
        yield "The run was interrupted; what had not begun by then is not here."
    elif story.seconds is None:
        yield "The journal has no end: the run was killed, or is still going on."


def _summary(story: Story) -> Iterator[str]:
    if story.summary:
        yield f"{story.summary}."


def _results(story: Story) -> Iterator[str]:
    verdict = story.verdict
    under_way = _under_way(story)
    broken = len(story.of_status("failed")) - under_way
    told = [
        (verdict.passed, "held"),
        (broken, "broke"),
        (verdict.not_proven, "proved nothing"),
        (verdict.flaky, "held only when tried again"),
        (under_way, "under way at the end"),
        (verdict.skipped, "skipped"),
    ]
    parts = [f"{count:,} {words}" for count, words in told if count]
    if len(parts) > 1 or (parts and not verdict.passed):
        yield f"Of {counted(len(story.scenarios), 'scenario')}: {', '.join(parts)}."


def _under_way(story: Story) -> int:
    return sum(scenario.is_cut_short for scenario in story.scenarios)


def _faults(story: Story) -> Iterator[str]:
    faults = story.faults
    if not faults:
        return
    confirmed = sum(fault.state == "confirmed" for fault in faults)
    share = f"All {confirmed:,}" if confirmed == len(faults) else f"{confirmed:,} of {len(faults):,}"
    times = [fault.recovery_ms for fault in faults if fault.recovery_ms is not None]
    recovered = f"; recovery took at most {duration(max(times))}" if times else ""
    yield (
        f"{share} faults were seen to take effect{recovered}." if len(faults) > 1 else _one_fault(confirmed, recovered)
    )


def _one_fault(confirmed: int, recovered: str) -> str:
    return f"The one fault was {'' if confirmed else 'not '}seen to take effect{recovered}."


def _checks(story: Story) -> Iterator[str]:
    if story.checks:
        held = len(story.checks) - len(story.failed_checks)
        yield f"{held} of {counted(len(story.checks), 'check')} held."


def _gaps(story: Story) -> Iterator[str]:
    if story.unproven:
        yield f"Left out: {story.unproven.rstrip('.')}."
    if story.damaged:
        yield f"{counted(story.damaged, 'line')} of the journal could not be read; something may be missing here."
