"""The journal of a run: JSON Lines, only ever appended to, by as many processes as like to.

Every report derives from it alone. Each line has `schema`, `ts` (RFC 3339, UTC) and `event`; the rest depends on the
event.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from ops.evidence.masking import mask

SCHEMA: Final = 1
LONGEST_TEXT: Final = 32_768
"""Characters kept of one text, such as a body; what is cut off is counted."""

Event: TypeAlias = dict[str, object]
Clock: TypeAlias = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """Appends events to one file. Cheap to make; holds nothing open, so it survives forks and needs no closing."""

    def __init__(self, path: Path, *, clock: Clock = utc_now) -> None:
        self.path = path
        self._clock = clock
        self._mend()

    def write(self, event: str, /, **fields: object) -> None:
        """Append one event, secrets masked and over-long texts cut, as one write.

        Raises OSError when the disk does not take the whole line.
        """
        masked = _shorten(mask(fields))
        members = masked if isinstance(masked, dict) else {}
        line = {"schema": SCHEMA, "ts": timestamp(self._clock()), "event": event} | members
        self._append((_dumps(line) + "\n").encode("utf-8", "backslashreplace"))

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            written = os.write(descriptor, line)
        finally:
            os.close(descriptor)
        if written != len(line):
            raise OSError(f"{self.path}: only {written} of {len(line)} bytes of an event were written")

    def _mend(self) -> None:
        """End the half line that a killed writer may have left, so that it spoils no other."""
        if self.path.exists() and _last_byte(self.path) not in (b"", b"\n"):
            self._append(b"\n")


def read(path: Path) -> Iterator[Event]:
    """The events of a journal, oldest first.

    A half last line, as a killed writer leaves it, is passed over. Any other line that is not a JSON object comes out
    as the event `unreadable` with its `number`: evidence may be damaged, but never silently.
    """
    with path.open("rb") as journal:
        for number, line in enumerate(journal, start=1):
            event = parse(line)
            if event is not None:
                yield event
            elif line.endswith(b"\n") and line.strip():
                yield {"event": "unreadable", "number": number}


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, ending in `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_of_day(stamp: str) -> str:
    """The time within a timestamp: `23:05:01.234`."""
    return stamp[11:23]


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 1, 0))
        return file.read(1)


def parse(line: bytes) -> Event | None:
    """The event of one line; None for what is none, such as a line that a killed writer left half."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _dumps(line: Event) -> str:
    text = json.dumps(line, ensure_ascii=False, default=str)
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=str), ensure_ascii=False)


def _shorten(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _shorten(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_shorten(item) for item in value]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}… ({len(value) - LONGEST_TEXT} characters more)"
    return value
