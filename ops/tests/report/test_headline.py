"""The verdict in words."""

from collections.abc import Callable, Sequence

import pytest

from ops.journal.events import Event, Unreadable
from ops.journal.record import Record
from ops.report.headline import account, headline, tone
from ops.tests.journals import event, record
from ops.tests.report.runs import measurement

END = event("run-finished", seconds=1)
INTERRUPTED = event("run-finished", interrupted=True)
UNDER_WAY = [event("scenario-started", id="b:1")]


def ended(number: int, status: str) -> list[Event]:
    scenario = f"a:{number}"
    if status == "flaky":
        return [*ended(number, "failed"), *ended(number, "passed")]
    how = {"status": "not-proven", "harness": True} if status == "harness" else {"status": status}
    return [event("scenario-started", id=scenario, line=number), event("scenario-finished", id=scenario, **how)]


def record_of(*statuses: str, more: Sequence[Event] = (), end: Event | None = END) -> Record:
    """The record of a run whose scenarios ended so, and in which these events were."""
    ends = [one for number, status in enumerate(statuses) for one in ended(number, status)]
    return record(*ends, *more, *([end] if end else []))


def check(ok: bool) -> Event:
    return event("check", ok=ok)


def failure(phase: str) -> list[Event]:
    return [event("setup-failed", phase=phase)]


@pytest.mark.parametrize(
    ("run", "words", "sign"),
    [
        (record_of("passed", "passed", "skipped"), "All 2 scenarios held.", "passed"),
        (record_of("passed"), "The one scenario held.", "passed"),
        (record_of("passed", "failed"), "1 of 2 scenarios failed.", "failed"),
        (record_of("failed", "not-proven"), "1 of 2 scenarios failed, 1 proved nothing.", "failed"),
        (record_of("passed", "not-proven"), "1 scenario proved nothing: a fault did not take effect.", "not-proven"),
        (
            record_of("passed", "harness"),
            "1 scenario proved nothing: the harness was in trouble.",
            "not-proven",
        ),
        (
            record_of("not-proven", "harness"),
            "2 scenarios proved nothing: a fault did not take effect or the harness was in trouble.",
            "not-proven",
        ),
        (record_of("passed", more=[check(False)]), "A check failed: gixy.", "failed"),
        (record_of("passed", end=INTERRUPTED), "Interrupted after 1 scenario.", "failed"),
        (record_of(more=failure("before_all")), "The set-up failed: made up.", "failed"),
        (
            record_of(more=[event("setup-failed", phase="NoEngine", message="no engine answers: is it running?")]),
            "The set-up failed: no engine answers: is it running?",
            "failed",
        ),
        (record_of("harness", more=failure("before_all")), "The set-up failed: made up.", "failed"),
        (record_of(more=failure("StackNotReady")), "The stack did not get ready.", "failed"),
        (record_of("passed", more=failure("CleanupFailed")), "The clean-up failed.", "failed"),
        (
            record_of("passed", more=UNDER_WAY, end=INTERRUPTED),
            "Interrupted after 1 scenario.",
            "failed",
        ),
        (record_of("skipped"), "No scenario ran.", "failed"),
        (record_of(), "No scenario ran.", "failed"),
    ],
)
def test_the_worst_that_happened_is_the_headline(run: Record, words: str, sign: str) -> None:
    assert (headline(run), tone(run)) == (words, sign)


def faults(*states: str) -> list[Event]:
    return [event("fault", scenario="", state=state, ms=5, recoveryMs=12) for state in states]


SENTENCES: list[tuple[Callable[[], Record], str]] = [
    (lambda: record_of("passed", "failed", "flaky"), "Of 3 scenarios: 1 held, 1 broke, 1 held only when tried again."),
    (
        lambda: record_of(more=faults("confirmed", "confirmed")),
        "All 2 faults were seen to take effect; recovery took at most 12 ms.",
    ),
    (
        lambda: record_of(more=faults("confirmed", "mismatch")),
        "1 of 2 faults were seen to take effect; recovery took at most 12 ms.",
    ),
    (
        lambda: record_of(more=faults("mismatch")),
        "The one fault was not seen to take effect; recovery took at most 12 ms.",
    ),
    (lambda: record_of(more=[check(True), check(False)]), "1 of 2 checks held."),
    (lambda: record_of("passed", more=UNDER_WAY, end=None), "Of 2 scenarios: 1 held, 1 under way at the end."),
    (lambda: record_of("failed"), "Of 1 scenario: 1 broke."),
    (lambda: record_of(end=INTERRUPTED), "The run was interrupted; what had not begun by then is not here."),
    (lambda: record_of(end=None), "The journal has no end: the run was killed, or is still going on."),
    (lambda: record_of(more=[event("run-started", leftOut="the slow ones")]), "Left out: the slow ones."),
    (
        lambda: record_of(more=[Unreadable(number=1), Unreadable(number=2)]),
        "2 lines of the journal could not be read; something may be missing here.",
    ),
]


@pytest.mark.parametrize(("made", "sentence"), SENTENCES)
def test_the_account_says_the_rest(made: Callable[[], Record], sentence: str) -> None:
    assert sentence in account(made())


def test_of_a_run_in_which_all_held_no_more_is_said_than_that() -> None:
    assert account(record_of("passed", "passed")) == []


@pytest.mark.parametrize(
    ("voids", "words", "sign"),
    [
        ([""], "Bench: 1 measurement of 1 stack, no errors.", "passed"),
        (["", "no answer came"], "Bench: 2 measurements of 1 stack, 1 of them does not count.", "failed"),
        (["no answer came"] * 2, "Bench: 2 measurements of 1 stack, 2 of them do not count.", "failed"),
    ],
)
def test_a_bench_says_what_it_is(voids: list[str], words: str, sign: str) -> None:
    made = [event("bench-started", stacks={"own": "this checkout"}), *(measurement(void=void) for void in voids)]

    assert (headline(record_of(more=made)), tone(record_of(more=made))) == (words, sign)
    broken = record_of(more=[*made, *failure("WorkNotDone")])
    assert (headline(broken), tone(broken)) == ("A request under load did not do its work.", "failed")


def test_where_the_set_up_failed_no_scenario_did() -> None:
    counts = record_of("passed", more=failure("NoEngine")).verdict
    assert (counts.passed, counts.failed, counts.ok) == (1, 0, False)
