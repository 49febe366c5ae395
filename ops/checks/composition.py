"""What docker-compose.yml says of the containers, as far as a check needs it."""

import re
from pathlib import Path

import yaml

from ops.checks.results import CheckFailed

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(?:\d+(?:ms|s|m|h))+")


def stop_graces(file: Path) -> dict[str, float]:
    """Seconds between asking and killing, by service; Docker's own default of 10 s where none is given."""
    services = yaml.safe_load(file.read_text())["services"]
    return {f"compose ({name})": seconds(one.get("stop_grace_period", "10s")) for name, one in services.items()}


def seconds(duration: str) -> float:
    """Compose's `1m30s` in seconds. Raises CheckFailed for what is no duration."""
    if not DURATION.fullmatch(duration):
        raise CheckFailed(f"docker-compose.yml: {duration!r} is no duration")
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)(ms|s|m|h)", duration))
