"""JSON lines on stdout: `ts level event service requestId`, within a request `traceId spanId parentSpanId`, then what
the event adds. Never a secret.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog

from services.common import scope
from services.common.times import rfc3339

Line = MutableMapping[str, Any]
ENCODER = json.JSONEncoder(default=repr, separators=(",", ":"))
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(service: str, level: str, stream: TextIO | None = None) -> None:
    """Let every logger of this process, the libraries' too, write lines of at least `level` as `service`.

    `level` is one of LEVELS; `stream` is the standard output unless another is given. Loggers that have written to the
    standard output keep writing there.
    """
    lines = _Lines(stream or sys.stdout)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, _Renderer(service)],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=stream is None,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class _Lines:
    """Writes each line at once: structlog's own loggers hold a lock while they do, and writing gives the interpreter to
    another thread, which soon stands before that lock; so did all of them.
    """

    def __init__(self, stream: TextIO) -> None:
        self._write = _writer(stream)

    def msg(self, line: str) -> None:
        self._write(line + "\n")

    debug = info = warning = error = msg


class _Renderer:
    """Makes a line of JSON, in which the fields that every line has are in front."""

    def __init__(self, service: str) -> None:
        self.service = service

    def __call__(self, _logger: Any, method: str, line: Line) -> str:
        head = {"ts": rfc3339(datetime.now(UTC)), "level": method, "event": line.pop("event"), "service": self.service}
        return ENCODER.encode({**head, **scope.current().fields, **line})


class _Libraries(logging.Handler):
    """What a library says through the standard logging module becomes a line like any other."""

    def emit(self, record: logging.LogRecord) -> None:
        method = "error" if record.levelno >= logging.ERROR else "warning"
        log = structlog.get_logger()
        getattr(log, method)("library", logger=record.name, message=record.getMessage(), exc_info=record.exc_info)


def _writer(stream: TextIO) -> Callable[[str], object]:
    """What writes to `stream`: straight to its file, where it has one."""
    try:
        file = stream.fileno()
    except OSError:
        return stream.write

    def write(line: str) -> None:
        left = line.encode()
        while left:
            left = left[os.write(file, left) :]

    return write
