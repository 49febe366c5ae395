"""What a run did besides its scenarios, for its timeline."""

from typing import Any

from ops.evidence.fields import seconds
from ops.evidence.story import Story


def phases(story: Story) -> list[dict[str, Any]]:
    """Name, beginning (seconds since 1970) and length in milliseconds, as far as the journal tells."""
    began = seconds({"ts": story.began})
    first, last = _bounds(story)
    up = story.ready_at - (story.ready_ms or 0) / 1000
    found = [
        ("checks", began, up if story.ready_at else first or story.ended_at),
        ("bring-up", up, story.ready_at),
        ("after the scenarios", last, story.ended_at),
    ]
    return [
        {"name": name, "at": round(start, 3), "ms": round((end - start) * 1000, 1)}
        for name, start, end in found
        if start and end > start
    ]


def _bounds(story: Story) -> tuple[float, float]:
    tries = [one for scenario in story.scenarios for one in scenario.tries]
    return min((one.at for one in tries), default=0.0), max((one.at + one.ms / 1000 for one in tries), default=0.0)
