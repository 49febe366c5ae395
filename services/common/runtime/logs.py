"""JSON lines on stdout: `ts level event service requestId`, within a request `traceId spanId parentSpanId`, then what
the event adds. Never a secret.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any, Self

import structlog

from services.common.runtime import scope
from services.common.runtime.times import rfc3339

Line = MutableMapping[str, Any]
ENCODER = json.JSONEncoder(default=repr, separators=(",", ":"))
THREAD = "logs"
MOST = 4096
TOGETHER = 1024
EVERY = 0.02
AGAIN = 0.2
FAREWELL = 1.0
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

log = structlog.get_logger()


def configure(service: str, level: str, write: Callable[[str], object], *, for_good: bool = False) -> None:
    """Let every logger of this process, the libraries' too, `write` lines of at least `level` as `service`.

    `level` is one of LEVELS. `for_good`: loggers that have written once keep to this, also when it is configured again.
    """
    lines = _Lines(write)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, _Renderer(service)],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=for_good,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)


class Writer:
    """Writes lines to a file in a thread of its own: who logs waits for no disk and no reader, and meets no error.

    What cannot be written is tried again. While MOST lines wait, new ones are `dropped`, and counted; a line says how
    many, once there is room. The standard library's QueueListener writes one line at a time, and does not end while a
    write blocks.
    """

    def __init__(self, file: int) -> None:
        self.dropped = 0
        self._file = file
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._counting = threading.Lock()
        self._closing = threading.Event()
        self._next_at = 0.0
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Write what waits, for at most FAREWELL seconds."""
        self._closing.set()
        self._lines.put("")
        self._thread.join(FAREWELL)

    def write(self, line: str) -> None:
        """Take a line, or count it."""
        if self._lines.qsize() < MOST:
            self._lines.put(line)
        else:
            with self._counting:
                self.dropped += 1

    def _run(self) -> None:
        reported = 0
        while not self._closing.is_set() or not self._lines.empty():
            self._write_out(self._next().encode())
            if (dropped := self.dropped) > reported and self._lines.empty():
                log.warning("log-lines-dropped", count=dropped - reported, total=dropped)
                reported = dropped

    def _next(self) -> str:
        """All that waits, up to TOGETHER lines; waits for the first, and for EVERY seconds since the last time: each
        turn of this thread costs the others theirs.
        """
        lines = [self._lines.get()]
        self._closing.wait(max(0.0, self._next_at - time.monotonic()))
        self._next_at = time.monotonic() + EVERY
        with suppress(Empty):
            while len(lines) < TOGETHER:
                lines.append(self._lines.get_nowait())
        return "".join(lines)

    def _write_out(self, left: bytes) -> None:
        """All of it, so that no line is torn; less only if there is no room for it at the end."""
        while left:
            try:
                left = left[os.write(self._file, left) :]
            except OSError:
                if self._closing.wait(AGAIN):
                    return


class _Lines:
    """Hands lines on, each at once: structlog's own loggers hold a lock while they do, and writing gives the
    interpreter to another thread, which soon stands before that lock; so did all of them.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def msg(self, line: str) -> None:
        self._write(line + "\n")

    debug = info = warning = error = msg


class _Renderer:
    """Makes a line of JSON, in which the fields that every line has are in front."""

    def __init__(self, service: str) -> None:
        self.service = service

    def __call__(self, _logger: Any, method: str, line: Line) -> str:
        head = {"ts": rfc3339(datetime.now(UTC)), "level": method, "event": line.pop("event"), "service": self.service}
        try:
            return ENCODER.encode({**head, **scope.current().fields, **line})
        except Exception as error:  # nobody who logs has to answer for what cannot be logged
            return ENCODER.encode({**head, **scope.current().fields, "unwritable": type(error).__name__})


class _Libraries(logging.Handler):
    """What a library says through the standard logging module becomes a line like any other."""

    def emit(self, record: logging.LogRecord) -> None:
        method = "error" if record.levelno >= logging.ERROR else "warning"
        log = structlog.get_logger()
        getattr(log, method)("library", logger=record.name, message=_message(record), exc_info=record.exc_info)


def _message(record: logging.LogRecord) -> str:
    """Also where its arguments do not fit."""
    try:
        return record.getMessage()
    except Exception:
        return str(record.msg)
