"""Service faults that stay until they are cleared: written down before they are made, in `.ops/<name>/faults.json`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from ops.replacing import replace
from ops.stacks.layout import Layout

FILE = "faults.json"


class ActiveFault(BaseModel):
    """One fault on one part, since when (RFC 3339)."""

    kind: str
    target: str
    since: str


FAULTS = TypeAdapter(list[ActiveFault])


def read(layout: Layout) -> list[ActiveFault]:
    """Oldest first; none where nothing was written, or nothing that can be read."""
    try:
        return FAULTS.validate_json(_file(layout).read_bytes())
    except (OSError, ValidationError):
        return []


def is_in_force(layout: Layout, target: str) -> bool:
    """Whether anything is written down of that part."""
    return any(one.target == target for one in read(layout))


def add(layout: Layout, kind: str, target: str) -> None:
    """Write one more down."""
    since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    _write(layout, [*read(layout), ActiveFault(kind=kind, target=target, since=since)])


def remove(layout: Layout, target: str) -> None:
    """Nothing stands on that part any more."""
    _write(layout, [one for one in read(layout) if one.target != target])


def forget(layout: Layout) -> None:
    """Nothing stands any more."""
    _file(layout).unlink(missing_ok=True)


def _write(layout: Layout, faults: list[ActiveFault]) -> None:
    replace(_file(layout), FAULTS.dump_json(faults, indent=1))


def _file(layout: Layout) -> Path:
    return layout.directory / FILE
