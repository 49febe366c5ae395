"""JSON lines on stdout: `ts level event service requestId`, then what the event adds. Never a secret."""

import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from services.common import scope
from services.common.times import now, rfc3339

Line = MutableMapping[str, Any]
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(service: str, level: str, stream: TextIO | None = None) -> None:
    """Let every logger of this process, the libraries' too, write lines of at least `level` as `service`.

    `level` is one of LEVELS; `stream` is the standard output unless another is given.
    """
    structlog.configure(
        processors=[_Head(service), structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_json)],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stdout),
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class _Head:
    """Puts the fields that every line has in front."""

    def __init__(self, service: str) -> None:
        self.service = service

    def __call__(self, _logger: Any, method: str, line: Line) -> Line:
        head = {"ts": rfc3339(now()), "level": method, "event": line.pop("event"), "service": self.service}
        return {**head, "requestId": scope.current().request_id or None, **line}


class _Libraries(logging.Handler):
    """What a library says through the standard logging module becomes a line like any other."""

    def emit(self, record: logging.LogRecord) -> None:
        method = "error" if record.levelno >= logging.ERROR else "warning"
        log = structlog.get_logger()
        getattr(log, method)("library", logger=record.name, message=record.getMessage(), exc_info=record.exc_info)


def _json(line: Line, **_options: Any) -> str:
    return json.dumps(line, default=repr, separators=(",", ":"))
