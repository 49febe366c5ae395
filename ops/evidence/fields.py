"""Fields of log lines, read tolerantly: a service may have written anything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

Fields: TypeAlias = Mapping[str, Any]


def text(event: Fields, name: str) -> str:
    value = event.get(name)
    return "" if value is None else str(value)


def optional(event: Fields, name: str) -> float | None:
    value = event.get(name)
    return float(value) if isinstance(value, int | float) else None


def seconds(event: Fields, name: str = "ts") -> float:
    """A moment (by default: when it was written) in seconds since 1970; 0 if that cannot be read."""
    try:
        return datetime.fromisoformat(text(event, name)).timestamp()
    except ValueError:
        return 0.0
