"""An open loop: requests are due at fixed times, however long the answers take.

It exists because no tool that Debian packages has it. wrk and ab wait for an answer before they send the next request,
so a slow server is asked less and its waiting is not seen (coordinated omission); h2load's `--rps` paces but does not
count waiting; wrk2, vegeta and oha, which do count it, are not packaged. Here latency is counted from when a request
was due: what waits for a free connection waits on the server's account.
"""

from __future__ import annotations

import http.client
import itertools
import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ops.bench.load import Figures, Request

TIMEOUT = 10.0
"""Seconds that an answer may take; what is still due that long after the end is not sent any more."""
BUSY = 0.8
"""The share of a core from which on the threads here, which share one, may be what is slow."""


@dataclass(frozen=True)
class OpenLoop:
    """`rate` requests a second."""

    rate: float

    def load(self, url: str, request: Request, connections: int, seconds: float) -> Figures:
        """Over so many kept connections, each with a thread; it ends when all that was due is answered, or given up."""
        log = _Log()
        began, used = time.monotonic(), time.process_time()
        due = _Schedule(began, self.rate, math.ceil(self.rate * seconds))
        with ThreadPoolExecutor(connections) as pool:
            going = [pool.submit(_send, url, request, due, began + seconds + TIMEOUT, log) for _ in range(connections)]
            try:
                for one in going:
                    one.result()
            except BaseException:
                due.end()
                raise
        took = time.monotonic() - began
        return log.figures(took, (time.process_time() - used) / took)


class _Schedule:
    """The times at which requests are due, each handed out once, in order."""

    def __init__(self, began: float, rate: float, count: int) -> None:
        self._times: Iterator[float] = (began + number / rate for number in range(count))
        self._lock = threading.Lock()

    def take(self) -> float | None:
        """The next one; None when there is none any more."""
        with self._lock:
            return next(self._times, None)

    def end(self) -> None:
        """Nothing is due any more: an interruption."""
        with self._lock:
            self._times = iter(())


@dataclass
class _Log:
    """How long each answer took, in seconds, and how many came to nothing; lists take appends from many threads."""

    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def figures(self, seconds: float, share: float) -> Figures:
        ordered = sorted(self.latencies) or [0.0]
        p50, p90, p99 = (ordered[max(math.ceil(part * len(ordered)), 1) - 1] * 1000 for part in (0.5, 0.9, 0.99))
        return Figures(
            seconds, len(self.latencies), len(self.failures), p50, p90, p99, ordered[-1] * 1000, self._void(share)
        )

    def _void(self, share: float) -> str:
        if self.failures:
            words = {what: self.failures.count(what) for what in dict.fromkeys(self.failures)}
            return ", ".join(f"{count} × {what}" for what, count in itertools.islice(words.items(), 3))
        if share > BUSY:
            return f"the load generator itself took {share:.0%} of a core: this rate is too much for it"
        return "" if self.latencies else "no answer came"


def _send(url: str, request: Request, due: _Schedule, give_up: float, log: _Log) -> None:
    """What is due next, one after the other over one connection."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    while (at := due.take()) is not None:
        if (now := time.monotonic()) > give_up:
            log.failures.append("not sent in time")
            continue
        time.sleep(max(0.0, at - now))
        if failure := _ask(connection, request):
            log.failures.append(failure)
        else:
            log.latencies.append(time.monotonic() - at)
    connection.close()


def _ask(connection: http.client.HTTPConnection, request: Request) -> str:
    """What was wrong with the answer; empty for a 2xx that was read to its end."""
    try:
        connection.request(request.method, request.path, request.body or None, dict(request.headers))
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return type(error).__name__
    return "" if 200 <= answer.status < 300 else f"status {answer.status}"
