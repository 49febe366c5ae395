"""The lines that `logs` prints, and which of them."""

from __future__ import annotations

from ops.commands.logs import ordered
from ops.trace.logs import LogLine

BEFORE: LogLine = {"ts": "2026-11-21T08:00:01.003Z", "service": "users", "event": "error"}
LATER: LogLine = {"ts": "2026-11-21T08:00:02.000Z", "service": "gateway", "event": "request"}
TRACEBACK: list[LogLine] = [
    {"ts": BEFORE["ts"], "service": "users", "event": "text", "text": words} for words in ("b", "a")
]


def test_a_traceback_stays_behind_the_line_that_it_belongs_to() -> None:
    assert ordered([LATER, BEFORE, *TRACEBACK]) == [BEFORE, *TRACEBACK, LATER]


def test_what_has_no_time_at_all_comes_last_where_it_is_seen() -> None:
    died: LogLine = {"service": "orders", "event": "text", "text": "ImportError"}
    assert ordered([died, LATER]) == [LATER, died]
