"""One stack under load, held to doing its work: each request is checked, and what it stored is counted."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

from ops.bench.load import Generator, Request, WorkNotDone
from ops.bench.source import Prepared, Source
from ops.bench.usage import usage
from ops.eventually import eventually
from ops.journal.events import Measurement
from ops.progress import Progress
from ops.stacks import loan
from ops.stacks.model import Stack, StackStatus, UpOptions

TIMEOUT = 10.0
SETTLING = 10.0
"""Seconds in which what was cut off when a load ended may still be stored."""


class Subject:
    """A stack with the name that it has in the figures; `label` says what it is."""

    def __init__(self, name: str, label: str, stack: Stack, up_options: UpOptions, source: Source) -> None:
        self.name = name
        self.label = label
        self.stack = stack
        self._up_options = up_options
        self._source = source
        self._prepared: Prepared | None = None
        self._counted: frozenset[str] | None = None

    def up(self, progress: Progress) -> StackStatus:
        """Bring it up. Raises OpsError."""
        return loan.up(self.stack, self._up_options, progress)

    def prepare(self, kinds: Sequence[str]) -> None:
        """Fresh requests, each checked once. Raises WorkNotDone."""
        self._prepared = self._source.prepare(self._url)
        self.check(kinds)

    def check(self, kinds: Sequence[str]) -> None:
        """Ask each once. Raises WorkNotDone unless each is answered 2xx with JSON."""
        for kind in kinds:
            request = self._valid().request(kind)
            if wrong := ask(self._url, request):
                raise WorkNotDone(f"{request.name} of {self.name} does not do its work: {wrong}")

    def load(self, number: int, kind: str, connections: int, seconds: float, generator: Generator) -> Measurement:
        """One load, in round `number`; void where what is stored is not what was acknowledged. Raises OpsError."""
        prepared, status = self._valid(seconds), self.stack.status().required_ready()
        stored, before = self._stored(prepared, kind), usage(status)
        figures = generator.load(self._url, prepared.request(kind), connections, seconds)
        after = usage(status)
        more = self._more(prepared, kind, stored)
        return Measurement(
            round=number,
            request=kind,
            connections=connections,
            stack=self.name,
            cpu=after.since(before),
            memory=after.memory,
            descriptors=after.descriptors,
            stored=more,
            **{**asdict(figures), "void": figures.void or accounted(figures.acknowledged, connections, more)},
        )

    @property
    def _url(self) -> str:
        return self.stack.base_url

    def _valid(self, seconds: float = 0.0) -> Prepared:
        """The requests, made anew when they would expire within so many seconds."""
        if self._prepared is None or time.monotonic() + seconds > self._prepared.until:
            self._prepared = self._source.prepare(self._url)
        return self._prepared

    def _stored(self, prepared: Prepared, kind: str) -> int | None:
        """How many of that kind; None, and not asked for again, for a kind that stores nothing."""
        if self._counted is not None and kind not in self._counted:
            return None
        counts = self._source.count(self._url, prepared)
        self._counted = frozenset(counts)
        return counts.get(kind)

    def _more(self, prepared: Prepared, kind: str, before: int | None) -> int | None:
        """How many more are stored, once the number does not change any more; None for a kind that stores nothing."""
        if before is None:
            return None
        counts = [self._stored(prepared, kind)]

        def is_settled() -> bool:
            counts.append(self._stored(prepared, kind))
            return counts[-1] == counts[-2]

        eventually(is_settled, SETTLING, every=0.0)
        return (counts[-1] or 0) - before


def accounted(acknowledged: int, connections: int, stored: int | None) -> str:
    """What is wrong with the number that is stored; empty where nothing is.

    All that was acknowledged has to be there, and besides it at most one request of each connection that was cut off.
    """
    if stored is None or acknowledged <= stored <= acknowledged + connections:
        return ""
    if stored < acknowledged:
        return f"{acknowledged - stored} of {acknowledged} acknowledged requests are not stored"
    return f"{stored} are stored, but {acknowledged} were acknowledged over {connections} connections"


def ask(url: str, request: Request) -> str:
    """What is wrong with the answer to one request; empty for a 2xx with a JSON body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    try:
        connection.request(request.method, request.path, request.body or None, dict(request.headers))
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        return f"{answer.status} {body[:200].decode(errors='replace')}"
    return "" if _is_json(body) else f"{answer.status} without JSON: {body[:200].decode(errors='replace')}"


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
