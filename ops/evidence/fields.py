"""Fields of journal events, read tolerantly: a journal may be older than its reader."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

Fields: TypeAlias = Mapping[str, Any]


def text(event: Fields, name: str) -> str:
    value = event.get(name)
    return "" if value is None else str(value)


def number(event: Fields, name: str) -> float:
    return optional(event, name) or 0.0


def optional(event: Fields, name: str) -> float | None:
    value = event.get(name)
    return float(value) if isinstance(value, int | float) else None


def flag(event: Fields, name: str) -> bool:
    return event.get(name) is True


def texts(event: Fields, name: str) -> list[str]:
    return [str(item) for item in _listed(event.get(name))]


def rows(event: Fields, name: str) -> list[list[str]]:
    """A table's cells, row by row."""
    return [[str(cell) for cell in _listed(row)] for row in _listed(event.get(name))]


def items(event: Fields, name: str) -> list[Fields]:
    return [item for item in _listed(event.get(name)) if isinstance(item, Mapping)]


def members(event: Fields, name: str) -> Fields:
    value = event.get(name)
    return value if isinstance(value, Mapping) else {}


def headers(event: Fields, name: str) -> list[tuple[str, str]]:
    """Headers as pairs, however they were written: as an object, or as a list of pairs where one may repeat.

    One that is null was not sent.
    """
    value = event.get(name)
    pairs = value.items() if isinstance(value, Mapping) else _listed(value)
    sent = [pair for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2 and pair[1] is not None]
    return [(str(name), str(content)) for name, content in sent]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def seconds(event: Fields, name: str = "ts") -> float:
    """A moment (by default: when it was written) in seconds since 1970; 0 if that cannot be read."""
    try:
        return datetime.fromisoformat(text(event, name)).timestamp()
    except ValueError:
        return 0.0
