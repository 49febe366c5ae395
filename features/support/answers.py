"""What came back from the gateway, as the steps see it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PROBLEM = "urn:problem:"
SHOWN = 4000
SHOWN_CHARACTERS = 600
GRANTED = (200, 201)
NO_STATUS = 0
"""Of what came instead of an answer."""


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `headers` keeps every header line, in order, repeated ones too; `ms` is the caller's wait."""

    request_id: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    ms: float

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str:
        """The one value of a header; an AssertionError if it is absent or repeated."""
        values = self.all(name)
        assert len(values) == 1, f"{name} stands {len(values)} times in the answer to {self.request_id}: {values}"
        return values[0]

    def json(self) -> Any:
        """The body. JSON has no NaN, so a body with one is no JSON; an AssertionError then."""
        try:
            return json.loads(self.body, parse_constant=_refuse)
        except ValueError as error:
            raise AssertionError(f"not JSON, in the answer to {self.request_id}: {self}") from error

    def content(self) -> Any:
        """The body of an answer that grants what was asked for; an AssertionError, with the answer, for any other."""
        assert self.status in GRANTED, f"refused: {self}"
        return self.json()

    @property
    def code(self) -> str:
        """The problem's code without its prefix, "" if this is no problem."""
        return str(self.json().get("type", "")).removeprefix(PROBLEM) if self.status >= 400 else ""

    def pointers(self) -> set[str]:
        """The fields that a 422 names, without the leading slash."""
        return {error["pointer"].lstrip("/") for error in self.json().get("errors", [])}

    def anonymous(self) -> tuple[int, Any, list[str]]:
        """What anybody could compare with another answer: all but what names the request."""
        body = {key: value for key, value in self.json().items() if key != "requestId"}
        return self.status, body, self.all("WWW-Authenticate")

    def text(self) -> str:
        """The body as far as anybody wants to read it."""
        return readable(self.body)

    @property
    def problem(self) -> str:
        """The problem's code, also of an answer that is no good JSON; "" if it names none."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return ""
        kind = document.get("type") if isinstance(document, dict) else None
        return kind.removeprefix(PROBLEM) if isinstance(kind, str) and kind.startswith(PROBLEM) else ""

    def brief(self, beside: str) -> str:
        """Its status and what is wrong; the request's ID unless that is the one that stands `beside` it."""
        request = "" if self.request_id == beside else f"[{self.request_id}]"
        shown = [self.problem, request] if self.problem else [request, self.text()[:SHOWN_CHARACTERS]]
        return " ".join(filter(None, [str(self.status), *shown]))

    def __str__(self) -> str:
        return f"{self.status} [{self.request_id}] {self.text()[:SHOWN_CHARACTERS]}"


def readable(body: bytes, errors: str = "replace") -> str:
    """A body as text, cut where it would swell the journal; `errors` is what becomes of bytes that are no UTF-8."""
    rest = len(body) - SHOWN
    return body[:SHOWN].decode("utf-8", errors) + (f"… and {rest} bytes more" if rest > 0 else "")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
