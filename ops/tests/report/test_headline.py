"""The verdict in words."""

from collections.abc import Callable

import pytest

from ops.evidence.measurements import Bench
from ops.evidence.scenario import Fault, Scenario, Status, Try
from ops.evidence.story import Check, SetupFailure, Story
from ops.report.headline import account, headline, tone
from ops.tests.report.runs import measurement


def scenario(status: Status) -> Scenario:
    return Scenario("a:1", "A", "a", 1, "one", [], tries=[Try(0.0, status, reason="")])


UNDER_WAY = Scenario("a:2", "A", "a", 2, "two", [], tries=[Try(0.0)])


def story(*statuses: Status, **fields: object) -> Story:
    known: dict[str, object] = {"seconds": 1.0}
    return Story(scenarios=[scenario(status) for status in statuses], **{**known, **fields})  # type: ignore[arg-type]


def check(ok: bool) -> Check:
    return Check("gixy", ok, "", 1.0)


@pytest.mark.parametrize(
    ("told", "words", "sign"),
    [
        (story("passed", "passed", "skipped"), "All 2 scenarios held.", "passed"),
        (story("passed"), "The one scenario held.", "passed"),
        (story("passed", "failed"), "1 of 2 scenarios failed.", "failed"),
        (story("failed", "not-proven"), "1 of 2 scenarios failed, 1 proved nothing.", "failed"),
        (story("passed", "not-proven"), "1 scenario proved nothing: a fault did not take effect.", "not-proven"),
        (story("passed", checks=[check(False)]), "A check failed: gixy.", "failed"),
        (story("passed", interrupted=True), "Interrupted after 1 scenario.", "failed"),
        (story(setup_failures=[SetupFailure("before_all", "", [])]), "The set-up failed: before_all.", "failed"),
        (story(setup_failures=[SetupFailure("StackNotReady", "", [])]), "The stack did not get ready.", "failed"),
        (story("passed", setup_failures=[SetupFailure("CleanupFailed", "", [])]), "The clean-up failed.", "failed"),
        (Story(scenarios=[scenario("passed"), UNDER_WAY], interrupted=True), "Interrupted after 1 scenario.", "failed"),
        (story("skipped"), "No scenario ran.", "failed"),
        (story(), "No scenario ran.", "failed"),
    ],
)
def test_the_worst_that_happened_is_the_headline(told: Story, words: str, sign: str) -> None:
    assert (headline(told), tone(told)) == (words, sign)


def faults(*states: str) -> list[Fault]:
    return [Fault("a:1", "latency", "orders:users", state, 5.0, "", 12.0) for state in states]


SENTENCES: list[tuple[Callable[[], Story], str]] = [
    (lambda: story("passed", "failed", "flaky"), "Of 3 scenarios: 1 held, 1 broke, 1 held only when tried again."),
    (
        lambda: story(faults=faults("confirmed", "confirmed")),
        "All 2 faults were seen to take effect; recovery took at most 12 ms.",
    ),
    (
        lambda: story(faults=faults("confirmed", "mismatch")),
        "1 of 2 faults were seen to take effect; recovery took at most 12 ms.",
    ),
    (
        lambda: story(faults=faults("mismatch")),
        "The one fault was not seen to take effect; recovery took at most 12 ms.",
    ),
    (lambda: story(checks=[check(True), check(False)]), "1 of 2 checks held."),
    (lambda: Story(scenarios=[scenario("passed"), UNDER_WAY]), "Of 2 scenarios: 1 held, 1 under way at the end."),
    (lambda: story("failed"), "Of 1 scenario: 1 broke."),
    (lambda: story(interrupted=True), "The run was interrupted; what had not begun by then is not here."),
    (lambda: story(seconds=None), "The journal has no end: the run was killed, or is still going on."),
    (lambda: story(left_out="the slow ones"), "Left out: the slow ones."),
    (lambda: story(damaged=2), "2 lines of the journal could not be read; something may be missing here."),
]


@pytest.mark.parametrize(("made", "sentence"), SENTENCES)
def test_the_account_says_the_rest(made: Callable[[], Story], sentence: str) -> None:
    assert sentence in account(made())


def test_of_a_run_in_which_all_held_no_more_is_said_than_that() -> None:
    assert account(story("passed", "passed")) == []


@pytest.mark.parametrize(
    ("voids", "words", "sign"),
    [
        ([""], "Bench: 1 measurement of 1 stack, no errors.", "passed"),
        (["", "no answer came"], "Bench: 2 measurements of 1 stack, 1 of them does not count.", "failed"),
        (["no answer came"] * 2, "Bench: 2 measurements of 1 stack, 2 of them do not count.", "failed"),
    ],
)
def test_a_bench_says_what_it_is(voids: list[str], words: str, sign: str) -> None:
    bench = Bench(stacks={"own": "this checkout"}, measurements=[measurement(void=void) for void in voids])

    assert (headline(story(bench=bench)), tone(story(bench=bench))) == (words, sign)
    broken = story(bench=bench, setup_failures=[SetupFailure("WorkNotDone", "GET / of own", [])])
    assert (headline(broken), tone(broken)) == ("A request under load did not do its work.", "failed")
