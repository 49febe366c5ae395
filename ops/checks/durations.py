"""Durations as Compose writes them."""

import re

from ops.checks.results import CheckFailed

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(?:\d+(?:ms|s|m|h))+")


def seconds(duration: str) -> float:
    """Compose's `1m30s` in seconds. Raises CheckFailed for what is no duration."""
    if not DURATION.fullmatch(duration):
        raise CheckFailed(f"{duration!r} is no duration of Compose")
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)(ms|s|m|h)", duration))
