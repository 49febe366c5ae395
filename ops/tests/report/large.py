"""A large run, made up: its journal is as long as a real one's, and no two of its lines are the same."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from ops.journal.events import SCHEMA
from ops.tests.journals import BACKLOG, RUN

BASE = "http://127.0.0.1:43117"
WORDS = ["cup", "order", "token", "price", "customer", "product", "key", "answer", "page", "deadline", "stock", "login"]


class LargeRun:
    """`scenarios` of them with `requests` each, in features of forty; the same for the same figures."""

    def __init__(self, scenarios: int, requests: int) -> None:
        self._scenarios, self._requests = scenarios, requests
        self._random = random.Random(7)  # noqa: S311  # made-up figures
        self._now = datetime(2026, 11, 22, 23, 5, 1, tzinfo=UTC)

    def write(self, journal: Path) -> None:
        """Write it as the journal of a run."""
        with journal.open("w") as lines:
            for event in self._events():
                lines.write(json.dumps({"event": event["event"], "ts": self._tick(), **event}) + "\n")

    def _events(self) -> Iterator[dict[str, Any]]:
        versions = {"python": "3.11.7", "nginx": "1.22.1", "commit": "fd1bcdb"}
        about = {"schema": SCHEMA, "run": RUN, "kind": "verify", "stack": "local"}
        yield {"event": "run-started", **about, "versions": versions, "backlog": BACKLOG}
        for number in range(self._scenarios):
            yield from self._scenario(number)
        yield {"event": "run-finished", "exit": 1, "seconds": 300.0, "interrupted": False}

    def _scenario(self, number: int) -> Iterator[dict[str, Any]]:
        file, line = f"features/orders/large_{number // 40}.feature", number % 40 * 12 + 6
        name = " ".join(self._random.sample(WORDS, 6)).capitalize()
        scenario = f"{file}:{line}"
        told = {"file": file, "line": line, "name": name, "tags": ["P7-01", f"P7-01.{number % 3 + 1}"]}
        yield {"event": "scenario-started", "id": scenario, "feature": f"Large {number // 40}", **told}
        for step in range(6):
            for place in range(step, self._requests, 6):
                yield from self._request(scenario, f"orders.large_{number // 40}.L{line}.{place}-{RUN}")
            words = " ".join(self._random.sample(WORDS, 5))
            bad = step == 5 and number % 100 == 0
            error = {"status": "failed", "error": f"found {words}"} if bad else {"status": "passed"}
            yield {"event": "step", "scenario": scenario, "keyword": "Then", "text": words, "ms": self._ms(), **error}
        status = "failed" if number % 100 == 0 else "passed"
        yield {"event": "scenario-finished", "id": scenario, "status": status, "ms": self._ms() * 10}

    def _request(self, scenario: str, request_id: str) -> Iterator[dict[str, Any]]:
        order, user = self._id(), self._id()
        yield {
            "event": "request",
            "scenario": scenario,
            "requestId": request_id,
            "method": "POST",
            "url": f"{BASE}/orders",
            "requestHeaders": [["Authorization", "Bearer ***"], ["X-Request-ID", request_id]],
            "requestBody": '{"productId": "espresso-cup"}',
            "ms": self._ms(),
            "status": 201,
            "responseHeaders": [
                ["Server", "nginx"],
                ["Content-Type", "application/json"],
                ["Location", f"/orders/{order}"],
                ["X-Request-ID", request_id],
                ["Cache-Control", "no-store"],
                ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
            ],
            "responseBody": json.dumps({"id": order, "productId": "espresso-cup", "userId": user, "at": self._tick()}),
        }
        for line in self._log(request_id):
            yield {"event": "log", "requestId": request_id, "service": line["service"], "line": line}

    def _log(self, request_id: str) -> Iterator[dict[str, Any]]:
        """Each span is named by its service's letter, and an attempt by its peer's in upper case."""
        for service, method, path in (("users", "GET", "/users/me"), ("products", "GET", "/products/espresso-cup")):
            own, asked = (service[0], service[0].upper()), (service[0].upper(), "o")
            yield self._line(service, request_id, own, event="request", method=method, path=path, status=200)
            yield self._line("orders", request_id, asked, event="peer-call", peer=service, attempt=1, peerStatus=200)
        for service, own in (("orders", ("o", "g")), ("gateway", ("g", ""))):
            yield self._line(service, request_id, own, event="request", method="POST", path="/orders", status=201)

    def _line(self, service: str, request_id: str, span: tuple[str, str], **fields: object) -> dict[str, Any]:
        common = {"ts": self._tick(), "level": "info", "service": service, "requestId": request_id}
        ids = {"traceId": "t" * 32, "spanId": span[0] * 16, "parentSpanId": span[1] * 16}
        return {**common, **ids, **fields, "durationMs": self._ms()}

    def _tick(self) -> str:
        self._now += timedelta(milliseconds=self._random.randint(0, 3))
        return self._now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _ms(self) -> float:
        return round(self._random.lognormvariate(1, 1), 2)

    def _id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128)))
