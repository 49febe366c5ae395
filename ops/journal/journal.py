"""The journal of a run: JSON Lines, only ever appended to, by any number of processes.

Every report derives from it alone. Each line is one event, with `event` and `ts` (RFC 3339, UTC) first.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import translate
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import ValidationError

from ops.errors import WrongUsage
from ops.journal.events import KNOWN, SCHEMA, Event, Log, Unreadable
from ops.journal.masking import mask
from ops.trace.logs import LogLine, longest_literal

LONGEST_TEXT: Final = 32_768
"""Characters kept of one text, such as a body; what is cut off is counted."""
_LOG: Final = b'{"event": "log"'
_LONG: Final = (_LOG, b'{"event": "request"', b'{"event": "step"')

Clock: TypeAlias = Callable[[], datetime]


class UnknownSchema(WrongUsage):
    """A journal was written by another version, and is not read; `words` say so without the name of its run."""

    def __init__(self, run: str, schema: object) -> None:
        has = "names no schema" if schema is None else f"has schema {schema}"
        self.words = f"its journal {has}, and this version reads schema {SCHEMA}"
        super().__init__(f"{run}: {self.words}")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """Appends events to one file. Cheap to make; holds nothing open, so it survives forks and needs no closing."""

    def __init__(self, path: Path, *, clock: Clock = utc_now) -> None:
        self.path = path
        self._clock = clock
        self._mend()

    def write(self, event: Event) -> None:
        """Append one event, secrets masked and over-long texts cut, as one write.

        Raises OSError when the disk does not take the whole line.
        """
        fields = event.model_dump(by_alias=True, exclude_none=True, exclude={"ts"})
        line = {"event": event.event, "ts": timestamp(self._clock()), **_shortened(fields)}
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


class Reader:
    """Reads a journal that may still grow, each line once."""

    def __init__(self, path: Path, *, is_brief: bool = False) -> None:
        """`is_brief` passes over steps, requests and log lines: a tenth of the time."""
        self._path = path
        self._passed_over = _LONG if is_brief else ()
        self._offset = 0
        self._number = 0

    def news(self) -> Iterator[Event]:
        """The events since the last call, oldest first. Raises OSError, and UnknownSchema at the first line.

        A line that is still being written, or that a killed writer left half, waits for the next call. Any other line
        that is no event comes out as Unreadable: evidence may be damaged, but never silently.
        """
        with self._path.open("rb") as journal:
            journal.seek(self._offset)
            for line in journal:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                self._number += 1
                if self._number == 1:
                    _require_schema(self._path, line)
                if line.strip() and not line.startswith(self._passed_over):
                    yield parse(line) or Unreadable(number=self._number)


def read(path: Path) -> Iterator[Event]:
    """The events of a journal, as Reader reads them."""
    return Reader(path).news()


def log_lines(path: Path, request_ids: str) -> Iterator[LogLine]:
    """The services' lines of which the request ID matches the glob, each with `service` and `replica`."""
    wanted, literal = re.compile(translate(request_ids)), longest_literal(request_ids)
    with path.open("rb") as journal:
        for number, line in enumerate(journal):
            if number == 0:
                _require_schema(path, line)
            event = parse(line) if line.startswith(_LOG) and literal in line else None
            if isinstance(event, Log) and wanted.match(event.request_id or ""):
                yield {"event": "", **event.line, "service": event.service, "replica": event.replica}


def parse(line: bytes) -> Event | None:
    """The event of one line; None for what is none."""
    try:
        return KNOWN.validate_json(line)
    except ValidationError:
        return _parse_surrogates(line)


def _parse_surrogates(line: bytes) -> Event | None:
    """Python's parser lets them pass, which stand for bytes that are no UTF-8."""
    try:
        return KNOWN.validate_python(json.loads(line))
    except ValueError:
        return None


def _require_schema(path: Path, line: bytes) -> None:
    try:
        first = json.loads(line)
    except ValueError:
        first = None
    schema = first.get("schema") if isinstance(first, dict) else None
    if schema != SCHEMA:
        raise UnknownSchema(path.parent.name, schema)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, ending in `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 1, 0))
        return file.read(1)


def _dumps(line: Mapping[str, object]) -> str:
    text = json.dumps(line, ensure_ascii=False, default=_plain)
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=str), ensure_ascii=False)


def _plain(value: object) -> str:
    return timestamp(value) if isinstance(value, datetime) else str(value)


def _shortened(fields: Mapping[str, object]) -> dict[str, object]:
    masked = _shorten(mask(fields))
    return masked if isinstance(masked, dict) else {}


def _shorten(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _shorten(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_shorten(item) for item in value]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}… ({len(value) - LONGEST_TEXT} characters more)"
    return value
