"""The log lines of a running stack, found again by request ID."""

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from fnmatch import translate
from pathlib import Path
from typing import Final, TypeAlias

from ops.system import current

LogLine: TypeAlias = dict[str, object]

_OBJECT: Final = b"{"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*")
"""How a line of plain text may begin."""

_NUMBER: Final = re.compile(r"\.\d+$")
_GATEWAY_FILES: Final = frozenset({"access", "error"})


def text(line: LogLine, name: str) -> str:
    """The field as text; empty where it is absent or null."""
    value = line.get(name)
    return "" if value is None else str(value)


def number(line: LogLine, name: str) -> float | None:
    """The field as a number, None where it is none."""
    value = line.get(name)
    return float(value) if isinstance(value, int | float) else None


def seconds(line: LogLine) -> float:
    """When it was written, in seconds since 1970; 0 if that cannot be read."""
    try:
        return datetime.fromisoformat(text(line, "ts")).timestamp()
    except ValueError:
        return 0.0


def lines(files: Iterable[Path], request_ids: str = "*") -> Iterator[LogLine]:
    """The lines of `files` whose `requestId` matches the glob `request_ids`, file by file, each with its `service`,
    and its `replica` where a service may have several.

    A line that is not a JSON object comes out as `{"service", "event": "text", "text"}`, if the text holds a match, and
    has the `ts` of the object before it, else of the first one of its file. A file that is not there yet has no lines;
    a last line still being written is left for the next call.
    """
    return Tail(request_ids).news(files)


class Tail:
    """What files say from their beginning on, each line once, also while they grow, or begin anew."""

    def __init__(self, request_ids: str = "*") -> None:
        self._wanted = _matcher(request_ids)
        self._literal = longest_literal(request_ids)
        self._read: dict[Path, int] = {}
        self._dated: dict[Path, bytes] = {}
        """The last line of each that may have a time; before there was one, the first of the file."""

    def news(self, files: Iterable[Path]) -> Iterator[LogLine]:
        """The lines as `lines` has them, that came since the last call; a file may go at any time."""
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                yield from self._of(file)

    def _of(self, file: Path) -> Iterator[LogLine]:
        if file.stat().st_size < self._read.get(file, 0):
            self._read[file] = 0
        for raw in self._news(file):
            if raw.startswith(_OBJECT):
                self._dated[file] = raw
            line = parsed(raw, service_of(file)) if self._literal in raw else None
            if line is not None and self._wanted(line):
                yield _of_replica(line if line["event"] != "text" else self._time(file, raw) | line, file)

    def _time(self, file: Path, raw: bytes) -> LogLine:
        if file not in self._dated:
            self._dated[file] = _first_object(file) or raw
        line = parsed(self._dated[file], "") or {}
        return {"ts": line["ts"]} if "ts" in line else {}

    def _news(self, file: Path) -> Iterator[bytes]:
        with file.open("rb") as log:
            log.seek(self._read.get(file, 0))
            for raw in log:
                if not raw.endswith(b"\n"):
                    return
                self._read[file] = self._read.get(file, 0) + len(raw)
                yield raw


def longest_literal(glob: str) -> bytes:
    """What every text that matches holds, so that most can be passed over unread."""
    return max(re.split(r"\[!?\]?[^\]]*\]|[*?\[]", glob), key=len).encode()


def _matcher(request_ids: str) -> Callable[[LogLine], bool]:
    if request_ids == "*":
        return lambda line: True
    by_id, in_text = re.compile(translate(request_ids)), re.compile(translate(f"*{request_ids}*"))

    def matches(line: LogLine) -> bool:
        if "requestId" in line:
            return by_id.match(str(line["requestId"])) is not None
        return line["event"] == "text" and in_text.match(str(line["text"])) is not None

    return matches


def _first_object(file: Path) -> bytes | None:
    with file.open("rb") as log:
        return next((line for line in log if line.startswith(_OBJECT) and line.endswith(b"\n")), None)


def parsed(raw: bytes, service: str) -> LogLine | None:
    """A line of that service by our names; None for an empty one. What is no JSON object is the event `text`."""
    try:
        line = json.loads(raw)
    except ValueError:
        line = None
    if isinstance(line, dict):
        return {"service": service, "event": "", **_by_our_names(line)}
    words = raw.decode(errors="replace").strip()
    dated = {"ts": found[0]} if (found := _TIME.match(words)) else {}
    return {"service": service, "event": "text", **dated, "text": words} if words else None


def _by_our_names(line: LogLine) -> LogLine:
    """The fields that the system has other names for (`x-ops: logs`)."""
    theirs = {name: ours for ours, name in current().logs.items()}
    return {theirs.get(name, name): value for name, value in line.items()}


def service_of(file: Path) -> str:
    """Who writes that file; a replica's ends in `.2.log`."""
    if file.stem in _GATEWAY_FILES:
        return current().gateway.name
    return file.stem if file.stem in current().names else _NUMBER.sub("", file.stem)


def replica(file: Path) -> str | None:
    """Which of several: a container's file lies in `<service>.<number>-<container>/`, a process's is `cart.2.log`."""
    if file.stem.startswith(f"{service_of(file)}."):
        return file.stem
    name, dash, _ = file.parent.name.rpartition("-")
    return name if dash and name.startswith(f"{file.stem}.") else None


def _of_replica(line: LogLine, file: Path) -> LogLine:
    """Said where it is one of several."""
    return line if (name := replica(file)) is None else {**line, "replica": name}
