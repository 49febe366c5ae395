"""Requests as they are sent, and the record that the journal keeps of each."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from features.support.answers import NO_STATUS, SHOWN, Answer, readable
from ops.api import Journal, events

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Request:
    """What is to be sent; a header whose value is None is left out, also where the client would add it.

    Of one that `is_raw` the body is all that is sent, and the rest only says what its request line asks for.
    """

    method: str
    path: str
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | None = None
    is_raw: bool = False

    @classmethod
    def of(cls, method: str, path: str, *, token: str | None = None, content: object = None) -> "Request":
        """A request as a well-behaved client makes it: `content` as JSON, `token` as a bearer token."""
        request = cls(method, path)
        request = request if token is None else request.with_header("Authorization", f"Bearer {token}")
        return request if content is None else request.with_content(content)

    @property
    def is_page(self) -> bool:
        """True when a browser's file is asked for, not the API."""
        return re.fullmatch(r"/docs/?|/docs/.+\.(html|js|css)", self.path) is not None

    def with_header(self, name: str, value: str | None) -> "Request":
        """The same with one header more, or another value of it."""
        return replace(self, headers={**self.headers, name: value})

    def with_content(self, content: Any) -> "Request":
        """The same with a JSON body."""
        return self.with_body(json.dumps(content).encode())

    def with_body(self, body: bytes) -> "Request":
        """The same with a body that claims to be JSON."""
        return replace(self, headers={**self.headers, **JSON}, body=body)


@dataclass(frozen=True)
class Exchanges:
    """Writes each request of one scenario into the journal, with its answer or the reason why there is none."""

    journal: Journal
    scenario: str
    base_url: str
    answers: list[Answer] = field(default_factory=list)
    """All that were written, the last one last."""

    def answered(self, request: Request, answer: Answer) -> None:
        """Record a request and what came back."""
        self.answers.append(answer)
        self._write(
            request,
            answer.request_id,
            answer.ms,
            status=answer.status,
            response_headers=tuple(answer.headers),
            response_body=answer.text(),
        )

    def unanswered(self, request: Request, request_id: str, ms: float, error: Exception) -> None:
        """Record a request that nothing usable came back to."""
        self._write(request, request_id, ms, error=f"{type(error).__name__}: {error}")

    def followed(self, asked: events.Request) -> None:
        """Record a request that a command of the checklist sent."""
        body = str(asked.response_body or "").encode()
        self.answers.append(Answer(asked.request_id, asked.status or NO_STATUS, asked.response_headers, body, asked.ms))
        self.journal.write(asked.model_copy(update={"scenario": self.scenario}))

    def _write(self, request: Request, request_id: str, ms: float, **outcome: Any) -> None:
        self.journal.write(
            events.Request(
                scenario=self.scenario,
                request_id=request_id,
                method=request.method,
                ms=round(ms, 1),
                is_cut=len(request.body or b"") > SHOWN,
                **(self._raw(request) if request.is_raw else self._sent(request)),
                **outcome,
            )
        )

    def _sent(self, request: Request) -> dict[str, Any]:
        sent = tuple((name, value) for name, value in request.headers.items() if value is not None)
        body = readable(request.body or b"")
        return {"url": self.base_url + request.path, "request_headers": sent, "request_body": body}

    def _raw(self, request: Request) -> dict[str, Any]:
        """Every byte can be read back: what is no UTF-8 stands as surrogates (PEP 383)."""
        body = readable(request.body or b"", "surrogateescape")
        return {"url": self.base_url, "raw_target": request.path, "request_body": body}
