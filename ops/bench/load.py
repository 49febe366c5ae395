"""What is sent, what a load of it comes to, and what can make one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ops.errors import OpsError


class WorkNotDone(OpsError):
    """A request is not answered as it should be, so that nothing can be measured."""


@dataclass(frozen=True)
class Request:
    """One request that is sent again and again; `path` has the query, `body` is text, empty for none."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: str = ""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Request:
        """Of its JSON object. Raises KeyError."""
        headers = {str(name): str(value) for name, value in document["headers"].items()}
        return cls(document["name"], document["method"], document["path"], headers, document.get("body", ""))


@dataclass(frozen=True)
class Figures:
    """`seconds` that it lasted; `acknowledged` answers 2xx; how many other ends; latency in milliseconds.

    `void` says why it does not count, and is empty where it does.
    """

    seconds: float
    acknowledged: int
    errors: int
    p50: float
    p90: float
    p99: float
    longest: float
    void: str = ""


class Generator(Protocol):
    """What sends a request again and again."""

    def load(self, url: str, request: Request, connections: int, seconds: float) -> Figures:
        """Over so many connections for so many seconds."""
