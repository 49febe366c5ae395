"""The services' log lines of a run, as its journal keeps them: also when the stack has long been gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from pathlib import Path
from typing import Final

from ops.evidence.fields import members, text
from ops.evidence.journal import parse
from ops.trace.logs import LogLine, longest_literal

_LOG: Final = b'"event": "log"'


def lines(journal: Path, request_ids: str) -> Iterator[LogLine]:
    """The lines whose request ID matches the glob, in the order of their logs, each with `service` and `replica`."""
    wanted = re.compile(translate(request_ids))
    literal = longest_literal(request_ids)
    with journal.open("rb") as events:
        for raw in events:
            event = parse(raw) if _LOG in raw and literal in raw else None
            if event and event["event"] == "log" and wanted.match(text(event, "requestId")):
                service, replica = text(event, "service"), event.get("replica")
                yield {"event": "", **members(event, "line"), "service": service, "replica": replica}
