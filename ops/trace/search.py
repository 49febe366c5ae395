"""Lines of one request found in large logs that are being written to: only what holds its ID is parsed."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ops.system import current
from ops.trace.logs import LogLine, number, parsed, replica, seconds, service_of, text

CHUNK: Final = 1 << 22


def find(files: Iterable[Path], request_id: str, chunk: int = CHUNK) -> list[LogLine]:
    """The lines about that request, file by file in their order, each with the `replica` that wrote it.

    A line that is still being written is left out, and a file that is not there has none. `chunk` is how many bytes to
    read at a time.
    """
    return [line for file in files for line in _of_request(file, request_id, chunk)]


def newest(files: Iterable[Path], request_ids: str, count: int, chunk: int = CHUNK) -> list[LogLine]:
    """The longest access line of each of the `count` newest IDs that match (`*`: any characters), newest first."""
    return latest((line for file in files for line in _last_of_each(file, request_ids, count, chunk)), count)


def latest(lines: Iterable[LogLine], count: int) -> list[LogLine]:
    """Of access lines the longest of each of the `count` newest IDs, newest first."""
    last: dict[str, list[LogLine]] = defaultdict(list)
    for line in lines:
        last[text(line, "requestId")].append(line)
    recent = sorted(last.values(), key=lambda lines: max(map(seconds, lines)), reverse=True)
    return [max(lines, key=lambda line: number(line, "durationMs") or 0) for lines in recent[:count]]


def _of_request(file: Path, request_id: str, chunk: int) -> Iterator[LogLine]:
    word = re.compile(rf"(?<![\w.-]){re.escape(request_id)}(?![\w.-])")
    for raw in _holding(file, request_id.encode(), chunk):
        line = parsed(raw, service_of(file)) or {}
        if line.get("requestId") == request_id or (line.get("event") == "text" and word.search(text(line, "text"))):
            yield {**line, "replica": replica(file)}


def _last_of_each(file: Path, request_ids: str, count: int, chunk: int) -> Iterator[LogLine]:
    """The last access line of each of the `count` IDs that came last."""
    parts = f'"{request_ids}"'.split("*")
    wanted = re.compile(".*".join(map(re.escape, request_ids.split("*"))).encode())
    has_id, is_access = _field("requestId", '([^"]*)'), _field("event", "request")
    last: dict[bytes, bytes] = {}
    for raw in _holding_last_first(file, max(parts, key=len).encode(), chunk):
        found = has_id.search(raw)
        if found and wanted.fullmatch(found[1]) and is_access.search(raw):
            last.setdefault(found[1], raw)
            if len(last) == count:
                break
    yield from (parsed(raw, service_of(file)) or {} for raw in last.values())


def _field(name: str, value: str) -> re.Pattern[bytes]:
    """A field of a JSON line, by the name that the system has for it."""
    return re.compile(rf'"{re.escape(current().logs.get(name, name))}": ?"{value}"'.encode())


def _holding_last_first(file: Path, needle: bytes, chunk: int) -> Iterator[bytes]:
    """The complete lines that hold `needle`, the last one first."""
    for block in _blocks_last_first(file, chunk):
        at = block.rfind(needle)
        while at >= 0:
            begin = block.rfind(b"\n", 0, at) + 1
            yield block[begin : block.index(b"\n", at)]
            at = block.rfind(needle, 0, begin)


def _blocks_last_first(file: Path, chunk: int) -> Iterator[bytes]:
    """Blocks of complete lines, from the last one that is complete now."""
    try:
        with file.open("rb") as log:
            end, rest = os.fstat(log.fileno()).st_size, b""
            while end:
                begin = max(0, end - chunk)
                log.seek(begin)
                whole, newline, _ = (log.read(end - begin) + rest).rpartition(b"\n")
                lines = whole + newline
                cut = lines.find(b"\n") + 1 if begin else 0
                end, rest = begin, lines[:cut]
                yield lines[cut:]
    except FileNotFoundError:
        return


def _holding(file: Path, needle: bytes, chunk: int = CHUNK) -> Iterator[bytes]:
    """The complete lines that hold `needle`, of what there is of the file when it is opened."""
    try:
        with file.open("rb") as log:
            begun, size = b"", os.fstat(log.fileno()).st_size
            while read := log.read(min(chunk, size - log.tell())):
                whole, newline, begun = (begun + read).rpartition(b"\n")
                yield from _lines_with(needle, whole + newline)
    except FileNotFoundError:
        return


def _lines_with(needle: bytes, block: bytes) -> Iterator[bytes]:
    at = block.find(needle)
    while at >= 0:
        end = block.index(b"\n", at)
        yield block[block.rfind(b"\n", 0, at) + 1 : end]
        at = block.find(needle, end)
