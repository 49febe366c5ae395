"""Points in time: as the contract writes them, and as the databases do."""

from datetime import UTC, datetime


def rfc3339(at: datetime) -> str:
    """An aware point in time as RFC 3339 UTC, in milliseconds: `2026-11-22T23:05:01.123Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def now() -> datetime:
    """The present, aware, in UTC, cut to whole milliseconds so that it survives being written and read."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return round(at.timestamp() * 1000)


def of(milliseconds: int) -> datetime:
    """The point in time, aware, in UTC, so many milliseconds after 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
