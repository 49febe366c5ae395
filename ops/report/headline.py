"""The verdict of a run in words."""

from collections.abc import Iterator
from typing import Final

from ops.journal.events import SetupFailed
from ops.journal.measurements import Bench
from ops.journal.reason import one_line
from ops.journal.record import Record, Verdict
from ops.report.wording import counted, duration

_FAILURES: Final = {
    "StackNotReady": "The stack did not get ready.",
    "WorkNotDone": "A request under load did not do its work.",
    "SuiteBroken": "Not every scenario ran to its end.",
    "ConfigurationInvalid": "The configuration is invalid.",
    "CleanupFailed": "The clean-up failed.",
    "Surprise": "The harness met what nobody had thought of.",
}


def headline(record: Record) -> str:
    """One sentence: the worst that happened, or that all held."""
    verdict = record.verdict
    ran = len(record.scenarios) - verdict.skipped
    if record.setup_failures:
        return what_failed(record.setup_failures[0])
    if record.bench:
        return of_bench(record.bench)
    if record.is_interrupted:
        return f"Interrupted after {counted(ran - _under_way(record), 'scenario')}."
    if verdict.failed:
        nothing = f", {verdict.not_proven:,} proved nothing" if verdict.not_proven else ""
        return f"{verdict.failed:,} of {counted(ran, 'scenario')} failed{nothing}."
    return _without_failure(record, verdict, ran)


def of_bench(bench: Bench) -> str:
    """How many measurements there are, and whether they count."""
    made = counted(len(bench.measurements), "measurement")
    what = f"Bench: {made} of {counted(len(bench.plan.stacks), 'stack')}"
    if not bench.void:
        return f"{what}, no errors."
    return f"{what}, {len(bench.void):,} of them {'does' if len(bench.void) == 1 else 'do'} not count."


def what_failed(failure: SetupFailed) -> str:
    """Of something other than a scenario."""
    return _FAILURES.get(failure.phase, f"The set-up failed: {_sentence(one_line(failure.message))}")


def _sentence(words: str) -> str:
    return words if words.endswith(("?", "!")) else f"{words.rstrip('.')}."


def tone(record: Record) -> str:
    """The status whose sign stands before the headline."""
    verdict = record.verdict
    if verdict.ok or _is_good(record):
        return "passed"
    is_bad = verdict.failed or record.setup_failures or record.is_interrupted or record.failed_checks
    only_unproven = verdict.not_proven and not is_bad
    return "not-proven" if only_unproven else "failed"


def _is_good(record: Record) -> bool:
    """For a bench, which has no scenarios."""
    bench = record.bench
    is_whole = not (record.setup_failures or record.is_interrupted)
    return is_whole and bench is not None and bool(bench.measurements) and not bench.void


def account(record: Record) -> list[str]:
    """The rest of the verdict, a sentence each: what held, what did not, the faults, the checks, what is missing."""
    return [*_endings(record), *_summary(record), *_results(record), *_faults(record), *_checks(record), *_gaps(record)]


def why_unproven(record: Record) -> str:
    """What kept scenarios from proving something: the harness, or the stack's faults."""
    blames = {scenario.is_harness for scenario in record.of_status("not-proven")}
    words = {False: "a fault did not take effect", True: "the harness was in trouble"}
    return " or ".join(words[blame] for blame in sorted(blames))


def _without_failure(record: Record, verdict: Verdict, ran: int) -> str:
    if verdict.not_proven:
        return f"{counted(verdict.not_proven, 'scenario')} proved nothing: {why_unproven(record)}."
    if record.failed_checks:
        return f"A check failed: {record.failed_checks[0].name}."
    if not ran:
        return "No scenario ran."
    return f"All {counted(ran, 'scenario')} held." if ran > 1 else "The one scenario held."


def _endings(record: Record) -> Iterator[str]:
    if record.is_interrupted:
        yield "The run was interrupted; what had not begun by then is not here."
    elif record.seconds is None:
        yield "The journal has no end: the run was killed, or is still going on."


def _summary(record: Record) -> Iterator[str]:
    if record.summary:
        yield f"{record.summary}."


def _results(record: Record) -> Iterator[str]:
    verdict = record.verdict
    under_way = _under_way(record)
    broken = len(record.of_status("failed")) - under_way
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
        yield f"Of {counted(len(record.scenarios), 'scenario')}: {', '.join(parts)}."


def _under_way(record: Record) -> int:
    return sum(scenario.is_cut_short for scenario in record.scenarios)


def _faults(record: Record) -> Iterator[str]:
    faults = record.faults
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


def _checks(record: Record) -> Iterator[str]:
    if record.checks:
        held = len(record.checks) - len(record.failed_checks)
        yield f"{held} of {counted(len(record.checks), 'check')} held."


def _gaps(record: Record) -> Iterator[str]:
    if record.unproven:
        yield f"Left out: {record.unproven.rstrip('.')}."
    if record.damaged:
        yield f"{counted(record.damaged, 'line')} of the journal could not be read; something may be missing here."
