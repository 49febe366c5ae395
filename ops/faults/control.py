"""The control address: faults are added, listed and removed, and attempts read, as JSON over HTTP/1.1.

GET /healthz                                      {"status": "ok", "links": [NAME]}
GET /faults                                       {"faults": [FAULT]}
POST /faults {link, kind, times, requestIds, paths, seconds, …settings}       201 FAULT
DELETE /faults · DELETE /faults/ID                {"faults": [FAULT]} · FAULT, as they were
GET /attempts?link=&requestIds=&paths=&since=     {"attempts": [ATTEMPT]}
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from ops.faults.attempts import Attempts, Filter
from ops.faults.book import LONGEST, Book
from ops.faults.kinds import parse

Answer: TypeAlias = tuple[int, dict[str, object]]
_MEMBERS: Final = frozenset({"link", "kind", "times", "requestIds", "paths", "seconds"})


class Control:
    """Answers each request with a status and a JSON object; knows nothing of sockets."""

    def __init__(self, links: Iterable[str], book: Book, attempts: Attempts) -> None:
        self._links = sorted(set(links))
        self._book = book
        self._attempts = attempts

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        path, _, query = target.partition("?")
        parts = path.strip("/").split("/")
        routes: dict[tuple[str, str, int], Callable[[], Answer]] = {
            ("GET", "healthz", 1): lambda: (200, {"status": "ok", "links": self._links}),
            ("GET", "faults", 1): lambda: (200, {"faults": [fault.as_json() for fault in self._book.in_force()]}),
            ("POST", "faults", 1): lambda: self._add(body),
            ("DELETE", "faults", 1): lambda: (200, {"faults": [fault.as_json() for fault in self._book.clear()]}),
            ("DELETE", "faults", 2): lambda: self._remove(parts[1]),
            ("GET", "attempts", 1): lambda: self._list_attempts(dict(parse_qsl(query))),
        }
        try:
            return routes.get((method, parts[0], len(parts)), lambda: _problem(404, f"no {method} {path} here"))()
        except ValueError as wrong:
            return _problem(422, str(wrong))

    def _add(self, body: bytes) -> Answer:
        order = _parse_object(body)
        wanted = Filter(_text(order, "link", None), _text(order, "requestIds", "*"), _text(order, "paths", "*"))
        if wanted.link not in self._links:
            raise ValueError(f"link must be one of {', '.join(self._links)}")
        settings = {name: value for name, value in order.items() if name not in _MEMBERS}
        kind = parse(order.get("kind"), settings)
        seconds = _number(order, "seconds", LONGEST)
        fault = self._book.add(wanted, kind, times=_times(order), since=self._attempts.last, seconds=seconds)
        return 201, fault.as_json()

    def _remove(self, fault_id: str) -> Answer:
        fault = self._book.remove(fault_id)
        return (200, fault.as_json()) if fault else _problem(404, f"no fault {fault_id} is in force")

    def _list_attempts(self, query: Mapping[str, str]) -> Answer:
        wanted = Filter(query.get("link", "*"), query.get("requestIds", "*"), query.get("paths", "*"))
        found = self._attempts.found(wanted, since=int(query.get("since", "0")))
        return 200, {"attempts": [attempt.as_json() for attempt in found]}


def _problem(status: int, detail: str) -> Answer:
    return status, {"type": "about:blank", "status": status, "detail": detail}


def _parse_object(body: bytes) -> dict[str, object]:
    order = json.loads(body)
    if not isinstance(order, dict):
        raise ValueError("the body must be a JSON object")
    return order


def _text(order: Mapping[str, object], name: str, default: str | None) -> str:
    value = order.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    return value


def _number(order: Mapping[str, object], name: str, default: float) -> float:
    value = order.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError(f"{name} must be a number above 0")
    return value


def _times(order: Mapping[str, object]) -> int | None:
    times = order.get("times", 1)
    if times is None or (isinstance(times, int) and not isinstance(times, bool) and times > 0):
        return times
    raise ValueError("times must be a whole number above 0, or null for every time")
