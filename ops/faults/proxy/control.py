"""The control address: faults are added, listed and removed, and attempts read, as JSON over HTTP/1.1.

GET /healthz                                      {"status": "ok", "links": [NAME]}
GET /faults                                       {"faults": [FAULT]}
POST /faults {link, kind, times, requestIds, paths, seconds, id, …settings}   201 FAULT
DELETE /faults · DELETE /faults/ID                {"faults": [FAULT]} · FAULT, as they were
POST /requests {link, requestId, seconds}         {"links": [NAME]}, after a request of our own over that link
POST /looks                                       {"links": [NAME]}, once each is as its target is now
GET /stalls?seconds=                              {"stalls": [SECONDS]}, each that ended so recently
GET /attempts?link=&requestIds=&paths=&since=     {"attempts": [ATTEMPT]}

A FAULT holds what it was asked for, its `settings` apart, with the `seconds` that are left of its time, and of the
requests it met: `fired` (taken on), `took` (the effect was seen), `missed` (there was none) and `heldMs` (the shortest
time that one was kept waiting).
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from ops.faults.proxy.attempts import Filter
from ops.faults.proxy.fault_table import LONGEST
from ops.faults.proxy.kinds import parse
from ops.faults.proxy.server import Server
from ops.faults.proxy.settings import Settings
from ops.faults.proxy.stats import Tally

Answer: TypeAlias = tuple[int, dict[str, object]]
_SHORTEST: Final = 0.001
_LONGEST_ASKED: Final = 4.0
_MOST_SECONDS: Final = 3600
_MOST_SEEN: Final = 10**9


class Control:
    """Answers each request with a status and a JSON object; knows nothing of sockets."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def answer(self, method: str, target: str, body: bytes) -> Answer:
        path, _, query = target.partition("?")
        parts = path.strip("/").split("/")
        routes: dict[tuple[str, str, int], Callable[[], Awaitable[Answer]]] = {
            ("GET", "healthz", 1): self._health,
            ("GET", "faults", 1): self._list_faults,
            ("POST", "faults", 1): lambda: self._add(body),
            ("DELETE", "faults", 1): self._clear,
            ("DELETE", "faults", 2): lambda: self._remove(parts[1]),
            ("POST", "looks", 1): self._look,
            ("POST", "requests", 1): lambda: self._ask(body),
            ("GET", "stalls", 1): lambda: self._list_stalls(dict(parse_qsl(query))),
            ("GET", "attempts", 1): lambda: self._list_attempts(dict(parse_qsl(query))),
        }
        route = routes.get((method, parts[0], len(parts)))
        if route is None:
            return _problem(404, f"no {method} {path} here")
        try:
            return await route()
        except ValueError as wrong:
            return _problem(422, str(wrong))
        except OSError as wrong:
            return _problem(500, f"a link cannot be opened again: {wrong}")

    async def _health(self) -> Answer:
        return 200, {"status": "ok", "links": self._links()}

    async def _list_faults(self) -> Answer:
        return 200, {"faults": list(map(self._server.described, self._server.in_force()))}

    async def _add(self, body: bytes) -> Answer:
        order = Settings(_parse_object(body))
        wanted = Filter(order.choice("link", self._links()), order.text("requestIds", "*"), order.text("paths", "*"))
        times, seconds = order.times(), order.number("seconds", _SHORTEST, _MOST_SECONDS, LONGEST)
        fault_id = order.text("id", "") or None
        fired, took, missed = [order.whole(name, 0, _MOST_SEEN, 0) for name in ("fired", "took", "missed")]
        kind = parse(order)
        order.finish(kind.name)
        fault = await self._server.add(wanted, kind, times, seconds, fault_id, Tally(fired, took, missed))
        return 201, self._server.described(fault)

    async def _clear(self) -> Answer:
        return 200, {"faults": list(map(self._server.described, await self._server.clear()))}

    async def _remove(self, fault_id: str) -> Answer:
        fault = await self._server.remove(fault_id)
        return (200, self._server.described(fault)) if fault else _problem(404, f"no fault {fault_id} is in force")

    async def _look(self) -> Answer:
        await self._server.look()
        return 200, {"links": self._links()}

    async def _ask(self, body: bytes) -> Answer:
        order = Settings(_parse_object(body))
        link = order.choice("link", self._links())
        await self._server.ask(link, order.text("requestId"), order.number("seconds", _SHORTEST, _LONGEST_ASKED))
        return 200, {"links": [link]}

    async def _list_stalls(self, query: Mapping[str, str]) -> Answer:
        return 200, {"stalls": self._server.stalls.within(float(query["seconds"]))}

    async def _list_attempts(self, query: Mapping[str, str]) -> Answer:
        wanted = Filter(query.get("link", "*"), query.get("requestIds", "*"), query.get("paths", "*"))
        found = self._server.attempts.found(wanted, since=int(query.get("since", "0")))
        return 200, {"attempts": [attempt.as_json() for attempt in found]}

    def _links(self) -> list[str]:
        return sorted({plan.name for plan in self._server.plans})


def _problem(status: int, detail: str) -> Answer:
    return status, {"type": "about:blank", "status": status, "detail": detail}


def _parse_object(body: bytes) -> dict[str, object]:
    order = json.loads(body)
    if not isinstance(order, dict):
        raise ValueError("the body must be a JSON object")
    return order
