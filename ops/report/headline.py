"""The verdict of a run in words."""

from ops.evidence.story import Story, Verdict


def headline(story: Story) -> str:
    """One sentence: the worst that happened, or that all held."""
    verdict = story.verdict
    ran = len(story.scenarios) - verdict.skipped
    if story.setup_failures:
        return f"The set-up failed: {story.setup_failures[0].phase}."
    if story.interrupted:
        return f"Interrupted after {_counted(ran)}."
    if verdict.failed:
        return f"{verdict.failed} of {_counted(ran)} failed."
    return _without_failure(story, verdict, ran)


def _without_failure(story: Story, verdict: Verdict, ran: int) -> str:
    if verdict.not_proven:
        return f"{_counted(verdict.not_proven)} proved nothing: a fault did not take effect."
    if story.failed_checks:
        return f"A check failed: {story.failed_checks[0].name}."
    if not ran:
        return "No scenario ran."
    return f"All {_counted(ran)} held." if ran > 1 else "The one scenario held."


def _counted(count: int) -> str:
    return f"{count} scenario" if count == 1 else f"{count} scenarios"
