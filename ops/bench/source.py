"""The program that knows what to load: it stands outside `ops`, runs as a process and speaks JSON.

It is the command `x-ops: load` of the Compose file, with `kinds`, `prepare URL`, `count URL` or `peers` added.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ops.bench.load import Request, WorkNotDone
from ops.errors import WrongUsage
from ops.system import current
from ops.system.programs import environment

PATIENCE = 120.0
"""Seconds that one call of it may take."""


@dataclass(frozen=True)
class Prepared:
    """The requests, good until `until` (time.monotonic), and the document that `count` is given."""

    requests: Sequence[Request]
    until: float
    document: Mapping[str, Any]

    def request(self, name: str) -> Request:
        """The one of that name. Raises WorkNotDone."""
        for request in self.requests:
            if request.name == name:
                return request
        raise WorkNotDone(f"no {name!r} was prepared")


@dataclass(frozen=True)
class Peer:
    """Another implementation of the services: `module` is run with the name of a service."""

    name: str
    label: str
    module: str


@dataclass(frozen=True)
class Peers:
    """All of them, and the requirements file of what they need."""

    requirements: Path
    peers: Sequence[Peer]


class Source(Protocol):
    """Where the requests come from, and what of them is stored. Each raises WorkNotDone."""

    def prepare(self, url: str) -> Prepared:
        """What there has to be at that gateway, and the requests to send."""

    def count(self, url: str, prepared: Prepared) -> Mapping[str, int]:
        """How many of each kind are stored; a kind that stores nothing is not in it."""


class Features:
    """The program that the system names. Raises WrongUsage where it names none."""

    def __init__(self, inherited: Mapping[str, str]) -> None:
        self._system = current()
        if not self._system.load:
            raise WrongUsage(f"{self._system.file} names nothing to load: x-ops: {{ load: COMMAND }} (docs/system.md)")
        self._environment = {**inherited, **environment(self._system.root)}

    def kinds(self) -> list[str]:
        """The names of the requests."""
        return [str(name) for name in self._ask("kinds")["requests"]]

    def prepare(self, url: str) -> Prepared:
        """Source's."""
        document = self._ask("prepare", url)
        requests = [Request.read(one) for one in document["requests"]]
        return Prepared(requests, time.monotonic() + float(document["validFor"]), document)

    def count(self, url: str, prepared: Prepared) -> Mapping[str, int]:
        """Source's."""
        return {str(name): int(count) for name, count in self._ask("count", url, given=prepared.document).items()}

    def peers(self) -> Peers:
        """The other implementations."""
        document = self._ask("peers")
        found = [Peer(one["name"], one["label"], one["module"]) for one in document["peers"]]
        return Peers(Path(document["requirements"]), found)

    def _ask(self, *arguments: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Its answer. Raises WorkNotDone with its last line when it gives none."""
        done = subprocess.run(  # noqa: S603  # a program of this checkout
            [*self._system.load, *arguments],
            cwd=self._system.root,
            env=self._environment,
            input="" if given is None else json.dumps(given),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            start_new_session=True,
        )
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        if done.returncode or not isinstance(answer, dict):
            why = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
            raise WorkNotDone(f"{' '.join(self._system.load)} {arguments[0]}: {why}")
        return answer
