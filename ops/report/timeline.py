"""What a run did besides its scenarios, for its timeline."""

from typing import Any

from ops.journal.record import Record


def phases(record: Record) -> list[dict[str, Any]]:
    """Name, beginning (seconds since 1970) and length in milliseconds, as far as the journal tells."""
    began, ended = (event.at if event else 0.0 for event in (record.start, record.end))
    ready, up = (record.ready.at, record.ready.at - record.ready.ms / 1000) if record.ready else (0.0, 0.0)
    first, last = _bounds(record)
    found = [
        ("checks", began, up or first or ended),
        ("bring-up", up, ready),
        ("after the scenarios", last, ended),
    ]
    return [
        {"name": name, "at": round(start, 3), "ms": round((end - start) * 1000, 1)}
        for name, start, end in found
        if start and end > start
    ]


def _bounds(record: Record) -> tuple[float, float]:
    tries = [one for scenario in record.scenarios for one in scenario.tries]
    return min((one.at for one in tries), default=0.0), max((one.at + one.ms / 1000 for one in tries), default=0.0)
